"""Cloud Custodian with its part for Huawei Cloud, which the released `custodian` does not load by itself."""
from c7n.cli import main
from c7n_huaweicloud.entry import initialize_huaweicloud

initialize_huaweicloud()
main()
