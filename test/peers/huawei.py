"""Calls Huawei Cloud with Huawei's own SDK: huawei.py CALL JSON.

Prints a list: each answer as the SDK read it, and the paths in it that the SDK did not know or read otherwise.
"""
import importlib
import json
import sys
from datetime import datetime

from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ServiceResponseException

call, given = sys.argv[1], json.loads(sys.argv[2])


def service(name):
    """The SDK's module of a service, and a client with the kind of credentials that it asks for."""
    module = importlib.import_module(f"huaweicloudsdk{name}")
    kind = getattr(module, f"{name.split('.')[0].capitalize()}Client")
    if name in ("iam.v3", "bss.v2"):
        credentials = GlobalCredentials(given["accessKey"], given["secretKey"], "a" * 32)
    else:
        credentials = BasicCredentials(given["accessKey"], given["secretKey"], given["project"])
    credentials.with_security_token(given.get("securityToken"))
    return module, kind.new_builder().with_credentials(credentials).with_endpoint(given["url"]).build()


def list_servers():
    """Page by page, by marker."""
    ecs, client = service("ecs.v2")
    marker = None
    while True:
        request = ecs.ListServersDetailsRequest(limit=given["limit"], marker=marker, not_tags="__type_baremetal")
        page = client.list_servers_details(request)
        yield page
        if not page.servers:
            return
        marker = page.servers[-1].id


def show_server():
    ecs, client = service("ecs.v2")
    yield client.show_server(ecs.ShowServerRequest(given["id"]))


def stop_servers():
    ecs, client = service("ecs.v2")
    stop = ecs.BatchStopServersOption(servers=[ecs.ServerId(id) for id in given["ids"]], type=given["type"])
    yield client.batch_stop_servers(ecs.BatchStopServersRequest(body=ecs.BatchStopServersRequestBody(stop)))


def start_servers():
    ecs, client = service("ecs.v2")
    start = ecs.BatchStartServersOption(servers=[ecs.ServerId(id) for id in given["ids"]])
    yield client.batch_start_servers(ecs.BatchStartServersRequest(body=ecs.BatchStartServersRequestBody(start)))


def show_job():
    ecs, client = service("ecs.v2")
    yield client.show_job(ecs.ShowJobRequest(given["id"]))


def list_flavors():
    ecs, client = service("ecs.v2")
    yield client.list_flavors(ecs.ListFlavorsRequest())


def list_bms():
    """Two pages, by number."""
    bms, client = service("bms.v1")
    yield client.list_bare_metal_servers(bms.ListBareMetalServersRequest(offset=1, limit=given["limit"]))
    yield client.list_bare_metal_servers(bms.ListBareMetalServersRequest(offset=2, limit=given["limit"]))


def stop_bms():
    bms, client = service("bms.v1")
    stop = bms.OsStopBodyType(servers=[bms.ServersList(id) for id in given["ids"]], type="HARD")
    yield client.batch_stop_baremetal_servers(bms.BatchStopBaremetalServersRequest(body=bms.OsStopBody(stop)))


def show_bms_job():
    bms, client = service("bms.v1")
    yield client.show_job_infos(bms.ShowJobInfosRequest(given["id"]))


def identify():
    """Which projects the key may use, and whose it is."""
    iam, client = service("iam.v3")
    yield client.keystone_list_auth_projects(iam.KeystoneListAuthProjectsRequest())
    yield client.keystone_list_auth_domains(iam.KeystoneListAuthDomainsRequest())
    sts, client = service("sts.v1")
    yield client.get_caller_identity(sts.GetCallerIdentityRequest())


def assume_by_iam():
    iam, client = service("iam.v3")
    role = iam.IdentityAssumerole(agency_name=given["agency"], domain_name=given["domain"], duration_seconds=900)
    auth = iam.AgencyAuth(iam.AgencyAuthIdentity(methods=["assume_role"], assume_role=role))
    body = iam.CreateTemporaryAccessKeyByAgencyRequestBody(auth)
    yield client.create_temporary_access_key_by_agency(iam.CreateTemporaryAccessKeyByAgencyRequest(body=body))


def assume_by_sts():
    sts, client = service("sts.v1")
    body = sts.AssumeAgencyReqBody(agency_urn=given["urn"], agency_session_name="peer", duration_seconds=900)
    yield client.assume_agency(sts.AssumeAgencyRequest(body=body))


def list_groups():
    """The scaling groups, then the members of each."""
    scaling, client = service("as.v1")
    groups = client.list_scaling_groups(scaling.ListScalingGroupsRequest(start_number=0, limit=100))
    yield groups
    for group in groups.scaling_groups:
        yield client.list_scaling_instances(scaling.ListScalingInstancesRequest(group.scaling_group_id))


PRODUCT = {"cloud_service_type": "hws.service.type.ec2", "resource_type": "hws.resource.type.vm"}


def quote():
    bss, client = service("bss.v2")
    product = bss.DemandProductInfo(
        id="0", **PRODUCT, resource_spec=given["spec"], region=given["region"], usage_factor="Duration",
        usage_value=1, usage_measure_id=4, subscription_num=1,
    )
    body = bss.RateOnDemandReq(project_id=given["project"], inquiry_precision=1, product_infos=[product])
    yield client.list_on_demand_resource_ratings(bss.ListOnDemandResourceRatingsRequest(body=body))


def read_bill():
    bss, client = service("bss.v2")
    body = bss.QueryResRecordsDetailReq(
        cycle=given["month"], **PRODUCT, region=given["region"], statistic_type=1, include_zero_record=True, offset=0,
        limit=1000,
    )
    request = bss.ListCustomerselfResourceRecordDetailsRequest(body=body)
    yield client.list_customerself_resource_record_details(request)


def unknown(sent, read, path=""):
    """Where an answer and what the SDK made of it differ; it leaves out what is null."""
    if isinstance(sent, dict) and isinstance(read, dict):
        for name, value in sent.items():
            if value is not None:
                yield from unknown(value, read.get(name), f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        for one, other in zip(sent, read):
            yield from unknown(one, other, f"{path}[]")
    elif sent != read and not is_same_instant(sent, read):
        yield path


def is_same_instant(sent, read):
    """Of some fields the SDK makes an instant, and writes it in another form."""
    try:
        return datetime.fromisoformat(sent) == datetime.fromisoformat(read)
    except (TypeError, ValueError):
        return False


def shown(response):
    answer = json.loads(str(response))
    return {
        "status": response.status_code,
        "answer": answer,
        "unknown": sorted(set(unknown(response.to_json_object(), answer))),
    }


try:
    print(json.dumps([shown(response) for response in globals()[call]()]))
except ServiceResponseException as refusal:
    print(json.dumps([{"status": refusal.status_code, "code": refusal.error_code, "requestId": refusal.request_id}]))
