"""The official Python client: images, sound and moderations, with files, buffers and streams."""

import io
import json
import sys
import traceback

import openai

base_url, api_key, wav_path, png_path = sys.argv[1:5]
client = openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
results = []


def check(route, feature):
    def run(work):
        try:
            work()
            results.append({"route": route, "feature": feature})
        except Exception:
            results.append({"route": route, "feature": feature, "error": traceback.format_exc()[-1500:]})

    return run


@check("images/generations", "answer")
def _():
    answer = client.images.generate(model="gpt-image-1", prompt="A cat", size="1024x1024")
    assert answer.data[0].b64_json == "AAAA" and answer.usage.output_tokens == 100, answer


@check("images/generations", "stream")
def _():
    events = client.images.generate(model="gpt-image-1", prompt="A cat", stream=True, partial_images=1)
    kinds = [event.type for event in events]
    assert kinds == ["image_generation.partial_image", "image_generation.completed"], kinds


@check("images/edits", "several files")
def _():
    with open(png_path, "rb") as one, open(png_path, "rb") as two:
        answer = client.images.edit(model="gpt-image-1", image=[one, two], prompt="A hat")
    assert answer.data[0].b64_json == "AAAA", answer


@check("audio/speech", "bytes")
def _():
    answer = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello")
    assert answer.read() == b"some sound", answer


@check("audio/speech", "streamed bytes")
def _():
    with client.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input="Hello") as answer:
        assert b"".join(answer.iter_bytes()) == b"some sound"


@check("audio/transcriptions", "file")
def _():
    with open(wav_path, "rb") as file:
        assert client.audio.transcriptions.create(model="whisper-1", file=file).text == "Hello"


@check("audio/transcriptions", "buffer with a name")
def _():
    with open(wav_path, "rb") as file:
        buffer = io.BytesIO(file.read())
    buffer.name = "speech.wav"
    assert client.audio.transcriptions.create(model="whisper-1", file=buffer).text == "Hello"


@check("audio/transcriptions", "stream")
def _():
    with open(wav_path, "rb") as file:
        events = client.audio.transcriptions.create(model="whisper-1", file=file, stream=True)
        assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]


@check("audio/translations", "file")
def _():
    with open(wav_path, "rb") as file:
        assert client.audio.translations.create(model="whisper-1", file=file).text == "Hello"


@check("moderations", "answer")
def _():
    answer = client.moderations.create(model="omni-moderation-latest", input="Hello")
    assert answer.results[0].flagged is False, answer


@check("audio/transcriptions", "errors")
def _():
    try:
        client.audio.transcriptions.create(model="whisper-1", file=("empty.wav", b""))
        raise AssertionError("no error")
    except openai.BadRequestError as error:
        assert error.param == "file", error


print()
print(json.dumps(results))
