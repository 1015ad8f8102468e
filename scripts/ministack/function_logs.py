"""Functions of the app may make no log group: one that ends after its own is gone writes nothing."""

from ministack.services import cloudwatch_logs, lambda_svc


def install():
    emit_logs = lambda_svc._emit_lambda_logs

    def emit_logs_to_existing(function, *arguments, **options):
        logging = function.get("config", function).get("LoggingConfig") or {}
        group = logging.get("LogGroup")
        if group is None or group in cloudwatch_logs._log_groups:
            emit_logs(function, *arguments, **options)

    lambda_svc._emit_lambda_logs = emit_logs_to_existing
