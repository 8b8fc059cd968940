"""Signs requests with the signer of Huawei's own SDK: prints the Authorization of each of those on standard input."""
import json
import sys
from urllib.parse import parse_qsl, urlsplit

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer


def authorization(asked):
    url = urlsplit(asked["url"])
    request = SdkRequest(
        method=asked["method"],
        schema=url.scheme,
        host=url.netloc,
        resource_path=url.path,
        query_params=parse_qsl(url.query, keep_blank_values=True),
        header_params=asked["headers"],
        body=asked["body"],
    )
    signer = Signer(BasicCredentials(asked["accessKey"], asked["secretKey"]))
    return signer.sign(request).header_params["Authorization"]


print(json.dumps([authorization(asked) for asked in json.load(sys.stdin)]))
