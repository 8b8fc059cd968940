"""Python loads this before moto: what moto lacks of a deployment's way through AWS."""
from moto.cloudformation import models
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult

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
