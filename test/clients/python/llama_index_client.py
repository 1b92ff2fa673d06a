"""LlamaIndex: its classes for servers that speak OpenAI's API, and its agent."""

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from checks import api_key, base_url, check, model, refused


class Place(BaseModel):
    """Where something is."""

    city: str


def llm(name=model):
    return OpenAILike(
        model=name,
        api_base=base_url,
        api_key=api_key,
        max_retries=0,
        is_chat_model=True,
        is_function_calling_model=True,
    )


def get_weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


def said(text):
    return [ChatMessage(role="user", content=text)]


@check("chat/completions", "answer")
def _():
    answer = llm().chat(said("Hello!"))
    assert answer.message.content.startswith("Hello from") and answer.raw.usage.total_tokens > 0, answer


@check("chat/completions", "stream")
def _():
    text = "".join(piece.delta or "" for piece in llm().stream_chat(said("Hello!")))
    assert text.startswith("Hello from"), text


@check("chat/completions", "tool loop")
async def _():
    answer = await FunctionAgent(tools=[get_weather], llm=llm(), streaming=False).run("What is the weather in Bern?")
    assert "sunny" in str(answer), answer


@check("chat/completions", "streamed tool loop")
async def _():
    answer = await FunctionAgent(tools=[get_weather], llm=llm()).run("What is the weather in Bern?")
    assert "sunny" in str(answer), answer


@check("chat/completions", "object by tool")
def _():
    place = llm().as_structured_llm(Place).chat(said("Where?")).raw
    assert place.city == "Bern", place


@check("chat/completions", "errors")
def _():
    refused(lambda: llm("no-such-model").chat(said("Hello!")))


@check("embeddings", "vectors")
def _():
    embedder = OpenAILikeEmbedding(model_name=model, api_base=base_url, api_key=api_key, max_retries=0)
    assert len(embedder.get_text_embedding_batch(["a", "b"])) == 2
