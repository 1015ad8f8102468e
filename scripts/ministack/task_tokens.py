"""Which state machine waits for a token: AWS authorizes SendTaskSuccess on it, ministack on nothing it could name."""

import threading

from ministack.services import stepfunctions

# By token; kept when the wait is over, as AWS's own tokens still tell then.
machines = {}
running = threading.local()


def install():
    execute_task = stepfunctions._execute_task
    invoke_with_callback = stepfunctions._invoke_with_callback

    def execute_task_of_machine(state_def, raw_input, execution, ctx):
        running.machine = ctx["StateMachine"]["Id"]
        return execute_task(state_def, raw_input, execution, ctx)

    def invoke_and_remember(resource, input_data, token, state_def):
        machines[token] = running.machine
        return invoke_with_callback(resource, input_data, token, state_def)

    stepfunctions._execute_task = execute_task_of_machine
    stepfunctions._invoke_with_callback = invoke_and_remember
