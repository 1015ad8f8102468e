"""Starts ministack with what the app's stack needs and this version of it does not have, each with the reason."""

import json
import os
from pathlib import Path

import authorization
import function_logs
import gpu_tasks
import task_tokens
from hypercorn.config import Config
from ministack import app
from ministack.core import x509_utils
from ministack.services import ecs, s3, ssm
from ministack.services.cloudformation import provisioners


def create_capacity_provider(logical_id, properties, stack_name):
    provider = provisioners._pascal_to_camel(properties)
    provider.setdefault("name", provisioners._physical_name(stack_name, logical_id, max_len=255))
    answered(ecs._create_capacity_provider(provider))
    return provider["name"], {}


def delete_capacity_provider(physical_id, _properties):
    answered(ecs._delete_capacity_provider({"capacityProvider": physical_id}))


def associate_capacity_providers(_logical_id, properties, _stack_name):
    answered(ecs._put_cluster_capacity_providers(provisioners._pascal_to_camel(properties)))
    return properties["Cluster"], {}


def disassociate_capacity_providers(physical_id, _properties):
    answered(ecs._put_cluster_capacity_providers({"cluster": physical_id}))


def create_bucket(logical_id, properties, stack_name):
    name, attributes = provisioners._s3_create(logical_id, properties, stack_name)
    s3._bucket_tags[name] = provisioners._tag_map(properties.get("Tags"))
    return name, attributes


def delete_bucket(physical_id, _properties):
    status, _headers, body = s3._delete_bucket(physical_id)
    if status >= 400 and b"NoSuchBucket" not in body:
        raise ValueError(body)


def create_name(logical_id, _properties, stack_name):
    return provisioners._physical_name(stack_name, logical_id, max_len=128), {}


def delete_name(_physical_id, _properties):
    pass


def answered(response):
    status, _headers, body = response
    if status >= 400:
        raise ValueError(json.loads(body).get("message", body))


# Its CloudFormation refuses a template that has any of these.
MISSING_TYPES = {
    # A GPU class has two of them: where RunTask puts its Tasks.
    "AWS::ECS::CapacityProvider": {
        "create": create_capacity_provider,
        "delete": delete_capacity_provider,
    },
    # Makes them providers of the cluster; without it AWS refuses a RunTask that names one.
    "AWS::ECS::ClusterCapacityProviderAssociations": {
        "create": associate_capacity_providers,
        "delete": disassociate_capacity_providers,
    },
    # Queries that people find in the console; here a name is all that there is of them.
    "AWS::Logs::QueryDefinition": {"create": create_name, "delete": delete_name},
}

# AWS publishes the image of its GPU instances in every region; ministack has two others.
GPU_IMAGE = "/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"


def write_certificate(directory):
    """One for 127.0.0.1, of an authority of its own; ministack would ask a program `openssl` for it."""
    authority, authority_key = x509_utils.generate_ca()
    certificate, key, _public = x509_utils.sign_leaf_certificate(
        authority, authority_key, "ministack", san_ips=["127.0.0.1"]
    )
    files = {"MINISTACK_SSL_CERT": ("server.pem", certificate), "MINISTACK_SSL_KEY": ("server.key", key)}
    for variable, (name, text) in files.items():
        os.environ[variable] = str(directory / name)
        (directory / name).write_text(text)
    # Last: whoever waits for it finds the others there.
    (directory / "authority.new").write_text(authority)
    (directory / "authority.new").rename(directory / "authority.pem")


if __name__ == "__main__":
    provisioners._RESOURCE_HANDLERS.update(MISSING_TYPES)
    # It leaves out the tags, by which CDK knows a bucket that it may empty, and takes one away with all that is in it.
    provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"].update(create=create_bucket, delete=delete_bucket)
    ssm._PUBLIC_AMI_PARAMETERS[GPU_IMAGE] = "ami-00000000000000000"
    authorization.install()
    function_logs.install()
    gpu_tasks.install()
    task_tokens.install()
    # It would also take port 443, for tokens of Cognito, where it may.
    app._port_is_bindable = lambda _host, _port: False
    write_certificate(Path(os.environ["SLACKLINE_TLS_DIRECTORY"]))
    # Plain HTTP beside TLS, to see that the app's policies refuse it.
    Config._insecure_bind = [f"127.0.0.1:{os.environ['SLACKLINE_HTTP_PORT']}"]
    app.main()
