"""Uses a Keystone and a Nova with openstacksdk, told no more than a user is: nova.py JSON.

Prints what each of the asked for steps gave: a list of lists, a step each.
"""
import json
import sys

import openstack

given = json.loads(sys.argv[1])
cloud = openstack.connect(**given["login"], load_yaml_config=False, load_envvars=False)


def facts(server):
    """None is what the SDK did not read."""
    return {
        "id": server.id,
        "name": server.name,
        "status": server.status,
        "vmState": server.vm_state,
        "taskState": server.task_state,
        "powerState": server.power_state,
        "locked": server.is_locked,
        "tags": server.tags,
        "flavor": server.flavor.original_name,
        "projectId": server.project_id,
        "faulty": server.fault is not None,
    }


def list_servers(limit):
    return [facts(server) for server in cloud.compute.servers(details=True, limit=limit)]


def show(id):
    return facts(cloud.compute.get_server(id))


def stop(id):
    return cloud.compute.stop_server(id)


def start(id):
    return cloud.compute.start_server(id)


def projects():
    return [project["id"] for project in cloud.identity.get("/auth/projects").json()["projects"]]


def carried_out(step, *arguments):
    try:
        return globals()[step](*arguments)
    except openstack.exceptions.HttpException as refusal:
        return {"refused": refusal.status_code, "words": refusal.details}


print(json.dumps([carried_out(*step) for step in given["steps"]]))
