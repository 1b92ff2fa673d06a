"""What the scripts of this folder share: BASE_URL API_KEY MODEL, and one line of JSON at the end that says what became of each check."""

import atexit
import inspect
import asyncio
import json
import sys
import traceback

base_url, api_key, model = sys.argv[1:4]
# below which Anthropic's and Gemini's clients put their own paths
origin = base_url.removesuffix("/v1")
results = []


def check(route, feature):
    def run(work):
        try:
            asyncio.run(work()) if inspect.iscoroutinefunction(work) else work()
            results.append({"route": route, "feature": feature})
        except Exception:
            results.append({"route": route, "feature": feature, "error": traceback.format_exc()[-1500:]})

    return run


def refused(work):
    """Asserts that the client raises with the gateway's own words, for a model that there is not."""
    try:
        work()
    except Exception as error:
        assert "no-such-model" in f"{error} {error.__cause__}", error
        return
    raise AssertionError("no error")


atexit.register(lambda: print("\n" + json.dumps(results)))
