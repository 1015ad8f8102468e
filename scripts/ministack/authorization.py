"""What AWS authorizes a call on, where ministack does not and would allow or deny for the wrong reason."""

import json
import re

import gpu_tasks
import task_tokens
from ministack.core import iam_actions, iam_evaluator
from ministack.services import ecs

TO_TASKS = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}


def install():
    """Takes the place of functions that ministack looks up at each request."""
    iam_action = iam_actions.extract_iam_action
    resource_arn = iam_actions.extract_resource_arn
    tag_context = iam_actions.request_tag_context
    table_context = iam_actions.dynamodb_service_context
    enforce = iam_evaluator.enforce

    def extract_iam_action(*request):
        action = iam_action(*request)
        # IAM knows no batches of SQS: they need what their entries need.
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    def extract_resource_arn(service, method, path, headers, body, params, *more):
        if service == "autoscaling" and params.get("InstanceId"):
            # It is asked about the group; and so is the instance's.
            params = {**params, "AutoScalingGroupName": gpu_tasks.group_of(params["InstanceId"])}
        found = resource_arn(service, method, path, headers, body, params, *more)
        action = headers.get("x-amz-target", "").split(".")[-1]
        if service == "ecs":
            return ecs_resource(action, object_of(body), found)
        if action == "SendTaskSuccess":
            return task_tokens.machines.get(object_of(body).get("taskToken"), found)
        return found

    def request_tag_context(service, action, body, params):
        found = tag_context(service, action, body, params)
        cluster = object_of(body).get("cluster") if service == "ecs" else None
        return {**found, "ecs:cluster": cluster} if cluster else found

    def dynamodb_service_context(body):
        return {**table_context(body), **leading_keys(object_of(body))}

    def enforce_with_roles(access_key, action, service, region, resource_arn="*", service_context=None):
        denied = enforce(access_key, action, service, region, resource_arn, service_context)
        if not denied and action == "ecs:RunTask":
            checks = (
                enforce(access_key, "iam:PassRole", service, region, role, TO_TASKS)
                for role in roles_of(resource_arn)
            )
            denied = next((check for check in checks if check), None)
        if denied:
            # For the tests: a function may try again, and never say so.
            print(f"DENIED {action} to {iam_evaluator.caller_arn()} on {resource_arn}", flush=True)
        return denied

    iam_actions.extract_iam_action = extract_iam_action
    iam_actions.extract_resource_arn = extract_resource_arn
    iam_actions.request_tag_context = request_tag_context
    iam_actions.dynamodb_service_context = dynamodb_service_context
    iam_evaluator.enforce = enforce_with_roles


def ecs_resource(action, call, otherwise):
    """What the service authorization reference gives for each call; ministack takes the cluster for all of them."""
    if action == "RunTask":
        return call["taskDefinition"]
    if action == "StopTask":
        return call["task"]
    if action == "DescribeTasks":
        # All of one call are in one cluster, which is what the policies tell apart.
        return call["tasks"][0]
    if action in ("ListTasks", "DescribeContainerInstances", "UpdateContainerInstancesState"):
        return call["cluster"].replace(":cluster/", ":container-instance/") + "/*"
    return otherwise


def leading_keys(call):
    """`dynamodb:LeadingKeys`: the partition keys of the items that a call names, or of the one that a query reads."""
    writes = [member for item in call.get("TransactItems", []) for member in item.values()]
    items = [one.get("Key") or one.get("Item") for one in [call, *writes]]
    keys = [item["pk"]["S"] for item in items if item and "pk" in item]
    queried = re.match(r"#?\w+ = (:\w+)", call.get("KeyConditionExpression", ""))
    if queried:
        keys.append(call["ExpressionAttributeValues"][queried[1]]["S"])
    return {"dynamodb:LeadingKeys": keys} if keys else {}


def roles_of(task_definition):
    """RunTask passes both roles of its task definition to ECS."""
    _status, _headers, body = ecs._describe_task_definition({"taskDefinition": task_definition})
    definition = json.loads(body).get("taskDefinition", {})
    return [definition[name] for name in ("taskRoleArn", "executionRoleArn") if definition.get(name)]


def object_of(body):
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
