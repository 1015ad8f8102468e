"""Prints what is in an account, as a JSON list of `<kind> <name>`: what a stack of the app could leave behind."""

import json

import boto3

# Service, call, where its answer has the things, and what names each of them.
LISTS = [
    ("apigateway", "get_rest_apis", "items", "id"),
    # A description of the groups would be asked of where the GPU tasks run.
    ("autoscaling", "describe_tags", "Tags", "ResourceId"),
    ("cloudformation", "list_exports", "Exports", "Name"),
    ("cloudformation", "describe_stacks", "Stacks", "StackName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ecr", "describe_repositories", "repositories", "repositoryName"),
    ("ecs", "list_clusters", "clusterArns", None),
    ("ecs", "list_task_definitions", "taskDefinitionArns", None),
    ("ecs", "describe_capacity_providers", "capacityProviders", "name"),
    ("events", "list_rules", "Rules", "Name"),
    ("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    ("iam", "list_policies", "Policies", "PolicyName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("kms", "list_keys", "Keys", "KeyId"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("ssm", "describe_parameters", "Parameters", "Name"),
    ("stepfunctions", "list_state_machines", "stateMachines", "name"),
]
# Of policies, those of the account alone.
ARGUMENTS = {"list_policies": {"Scope": "Local"}}


def names(service, call, members, name):
    client = boto3.client(service)
    arguments = ARGUMENTS.get(call, {})
    pages = (
        client.get_paginator(call).paginate(**arguments)
        if client.can_paginate(call)
        else [getattr(client, call)(**arguments)]
    )
    for page in pages:
        for member in page.get(members, []):
            yield f"{members} {member[name] if name else member}"


print(json.dumps(sorted(found for each in LISTS for found in names(*each))))
