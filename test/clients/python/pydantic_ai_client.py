"""Pydantic AI, with its models of all four APIs."""

from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

from checks import api_key, base_url, check, model, origin, refused


class City(BaseModel):
    city: str


openai = OpenAIProvider(base_url=base_url, api_key=api_key)
anthropic = AnthropicProvider(base_url=origin, api_key=api_key)
google = GoogleProvider(base_url=origin, api_key=api_key)

for route, make in (
    ("chat/completions", lambda name: OpenAIChatModel(name, provider=openai)),
    ("responses", lambda name: OpenAIResponsesModel(name, provider=openai)),
    ("messages", lambda name: AnthropicModel(name, provider=anthropic)),
    ("models/{model}:generateContent", lambda name: GoogleModel(name, provider=google)),
):
    agent = Agent(make(model))

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return "sunny"

    @check(route, "answer")
    def _():
        answer = Agent(make(model)).run_sync("Hello!")
        assert answer.output.startswith("Hello from"), answer
        assert answer.usage.total_tokens > 0, answer

    @check(route, "tool loop")
    def _():
        answer = agent.run_sync("What is the weather in Bern?")
        assert "sunny" in answer.output, answer
        # what was called once stays in the history of an agent that has no tools
        assert Agent(make(model)).run_sync("Again?", message_history=answer.all_messages()).output

    @check(route, "streamed tool loop")
    async def _():
        text = ""
        async with agent.iter("What is the weather in Bern?") as run:
            async for node in run:
                if not Agent.is_model_request_node(node):
                    continue
                async with node.stream(run.ctx) as stream:
                    async for event in stream:
                        text += getattr(getattr(event, "delta", None), "content_delta", None) or ""
        assert "sunny" in run.result.output, (text, run.result)

    @check(route, "object by tool")
    def _():
        assert Agent(make(model), output_type=City).run_sync("Where?").output.city == "Bern"

    # Its profiles know by the names of Claude and Gemini whether these write objects of their own.
    if route in ("chat/completions", "responses"):

        @check(route, "object")
        def _():
            assert Agent(make(model), output_type=NativeOutput(City)).run_sync("Where?").output.city == "Bern"

    @check(route, "errors")
    def _():
        refused(lambda: Agent(make("no-such-model")).run_sync("Hello!"))
