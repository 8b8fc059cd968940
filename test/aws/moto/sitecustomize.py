"""Python loads this before moto: what moto lacks of a deployment's way through AWS."""
from functools import wraps
from threading import RLock

from moto.cloudformation import models
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult
from moto.dynamodb.models import DynamoDBBackend

# moto refuses a template for any remark of cfn-lint, where CloudFormation refuses errors alone. W3005 is a
# remark about dependencies that osls names although a reference has made them.
lint = models.validate_template_cfn_lint
models.validate_template_cfn_lint = lambda template: [
    match for match in lint(template) if match.rule.id != "W3005"
]


def update_termination_protection(self):
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


CloudFormationResponse.update_termination_protection = update_termination_protection

# A change of an item is one step on DynamoDB. In moto's threads two at once lose one of them.
writing = RLock()


def one_at_a_time(write):
    @wraps(write)
    def locked(*args, **kwargs):
        with writing:
            return write(*args, **kwargs)

    return locked


for name in ("put_item", "update_item", "delete_item"):
    setattr(DynamoDBBackend, name, one_at_a_time(getattr(DynamoDBBackend, name)))
