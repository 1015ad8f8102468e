"""GPU tasks without Docker: calls go on to an ECS and an Auto Scaling that run them as processes; events come back."""

import functools
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from ministack.core import iam_evaluator
from ministack.services import autoscaling, ecs, eventbridge

TARGET = "AmazonEC2ContainerServiceV20141113"
ECS_CALLS = (
    "RunTask",
    "DescribeTasks",
    "ListTasks",
    "StopTask",
    "ListContainerInstances",
    "DescribeContainerInstances",
    "UpdateContainerInstancesState",
)
AUTO_SCALING_CALLS = (
    "DescribeAutoScalingGroups",
    "SetDesiredCapacity",
    "TerminateInstanceInAutoScalingGroup",
)
XML = "{http://autoscaling.amazonaws.com/doc/2011-01-01/}"


def install():
    """Behind ministack's own door, so that each call is authorized before it goes on."""
    for action in ECS_CALLS:
        ecs._ACTION_MAP[action] = functools.partial(call_ecs, action)
    for action in AUTO_SCALING_CALLS:
        autoscaling._ACTION_MAP[action] = call_auto_scaling

    put_events = eventbridge._put_events

    def put_events_of_services(call, allow_aws_source=False):
        # Sources `aws.*` belong to AWS, which is the account's root here and no role of the app.
        return put_events(call, allow_aws_source or iam_evaluator.caller_arn().endswith(":root"))

    eventbridge._put_events = put_events_of_services


def call_ecs(action, call):
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": f"{TARGET}.{action}"}
    return forward("SLACKLINE_ECS_URL", json.dumps(call), headers)


def call_auto_scaling(parameters):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return forward("SLACKLINE_AUTO_SCALING_URL", urllib.parse.urlencode(parameters), headers)


def forward(variable, body, headers):
    request = urllib.request.Request(os.environ[variable], data=body.encode(), headers=headers)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        return answer.status, {"Content-Type": answer.headers["content-type"]}, answer.read()


def group_of(instance_id):
    """The Auto Scaling group that an instance is in; None where it is in none."""
    _status, _headers, body = call_auto_scaling({"Action": "DescribeAutoScalingGroups"})
    for group in xml.etree.ElementTree.fromstring(body).iter(f"{XML}AutoScalingGroups"):
        for member in group.findall(f"{XML}member"):
            if any(found.text == instance_id for found in member.iter(f"{XML}InstanceId")):
                return member.findtext(f"{XML}AutoScalingGroupName")
    return None
