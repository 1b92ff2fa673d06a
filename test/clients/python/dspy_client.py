"""DSPy: its language model for chat and for responses, a signature, native tools, and its embedder."""

import dspy

from checks import api_key, base_url, check, model, refused

adapter = dspy.JSONAdapter()


class Server(dspy.LM):
    """DSPy's catalog has no models by our names, and takes what it does not know for models that can do little."""

    supports_function_calling = True
    supports_response_schema = True
    supported_params = {"response_format", "tools"}


def get_weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


class Act(dspy.Signature):
    question: str = dspy.InputField()
    tools: list[dspy.Tool] = dspy.InputField()
    calls: dspy.ToolCalls = dspy.OutputField()


for route, kind in (("chat/completions", "chat"), ("responses", "responses")):

    def lm(name=model, kind=kind):
        return Server(
            f"openai/{name}", model_type=kind, api_base=base_url, api_key=api_key, cache=False, num_retries=0
        )

    @check(route, "answer")
    def _():
        server = lm()
        answer = server("Hello!")[0]
        text = answer["text"] if isinstance(answer, dict) else answer
        assert text.startswith("Hello from"), answer
        usage = server.history[-1]["usage"]
        assert usage["total_tokens"] > 0, usage

    @check(route, "object")
    def _():
        with dspy.context(lm=lm(), adapter=adapter):
            assert dspy.Predict("question -> city")(question="Where?").city == "Bern"

    if kind == "chat":

        @check(route, "stream")
        async def _():
            with dspy.context(lm=lm(), adapter=adapter):
                listener = dspy.streaming.StreamListener(signature_field_name="city")
                program = dspy.streamify(dspy.Predict("question -> city"), stream_listeners=[listener])
                pieces = [piece async for piece in program(question="Where?")]
            assert pieces[-1].city == "Bern", pieces

        @check(route, "tools")
        def _():
            with dspy.context(lm=lm(), adapter=adapter):
                acted = dspy.Predict(Act)(question="What is the weather in Bern?", tools=[dspy.Tool(get_weather)])
            call = acted.calls.tool_calls[0]
            assert (call.name, call.args) == ("get_weather", {"city": "Bern"}), acted

    @check(route, "errors")
    def _():
        refused(lambda: lm("no-such-model")("Hello!"))


@check("embeddings", "vectors")
def _():
    embed = dspy.Embedder(f"openai/{model}", api_base=base_url, api_key=api_key, caching=False)
    assert len(embed(["a", "b"])) == 2
