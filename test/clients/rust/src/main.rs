//! What async-openai can do: `client BASE_URL API_KEY MODEL`. Prints a line of JSON, as the other clients here do.
use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    types::{
        chat::{ChatCompletionMessageToolCalls, CreateChatCompletionRequest},
        embeddings::CreateEmbeddingRequest,
        responses::{CreateResponse, ResponseStreamEvent},
    },
};
use futures::StreamExt;
use serde_json::{Value, from_value, json};
use std::{env, error::Error, future::Future};

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() {
    let args: Vec<String> = env::args().collect();
    let config = OpenAIConfig::new().with_api_base(&args[1]).with_api_key(&args[2]);
    let client = Client::with_config(config);
    let model = args[3].as_str();
    let mut results = vec![];

    check(&mut results, "chat/completions", "answer", answer(&client, model)).await;
    check(&mut results, "chat/completions", "stream", stream(&client, model)).await;
    check(&mut results, "chat/completions", "tools", tools(&client, model)).await;
    check(&mut results, "chat/completions", "object", object(&client, model)).await;
    check(&mut results, "chat/completions", "errors", errors(&client)).await;
    check(&mut results, "responses", "answer", response(&client, model)).await;
    check(&mut results, "responses", "stream", response_stream(&client, model)).await;
    check(&mut results, "embeddings", "vectors", embeddings(&client, model)).await;
    check(&mut results, "models", "list and find", models(&client, model)).await;
    println!("{}", Value::Array(results));
}

async fn check(results: &mut Vec<Value>, route: &str, feature: &str, work: impl Future<Output = Outcome>) {
    let mut result = json!({ "route": route, "feature": feature });
    if let Err(error) = work.await {
        result["error"] = error.to_string().into();
    }
    results.push(result);
}

fn expect(holds: bool, got: impl std::fmt::Debug) -> Outcome {
    if holds { Ok(()) } else { Err(format!("unexpected answer: {got:?}").into()) }
}

fn chat(model: &str, more: Value) -> Result<CreateChatCompletionRequest, serde_json::Error> {
    let mut body = json!({ "model": model, "messages": [{ "role": "user", "content": "Hi." }] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    from_value(body)
}

async fn answer(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let answer = client.chat().create(chat(model, json!({}))?).await?;
    let text = answer.choices[0].message.content.clone().unwrap_or_default();
    expect(text.starts_with("Hello from") && answer.usage.is_some(), answer)
}

async fn stream(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let options = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let mut chunks = client.chat().create_stream(chat(model, options)?).await?;
    let (mut text, mut total) = (String::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if let Some(choice) = chunk.choices.first() {
            text += choice.delta.content.as_deref().unwrap_or("");
        }
        total = chunk.usage.map_or(total, |usage| usage.total_tokens);
    }
    expect(text.starts_with("Hello from") && total > 0, (text, total))
}

async fn tools(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    let tools = json!([{ "type": "function", "function": { "name": "weather", "parameters": parameters } }]);
    let first = client.chat().create(chat(model, json!({ "tools": tools }))?).await?;
    let calls = first.choices[0].message.tool_calls.clone().unwrap_or_default();
    let Some(ChatCompletionMessageToolCalls::Function(call)) = calls.first() else {
        return expect(false, first);
    };
    expect(call.function.name == "weather", &call)?;
    let messages = json!([
        { "role": "user", "content": "Hi." },
        { "role": "assistant", "content": null, "tool_calls": calls },
        { "role": "tool", "tool_call_id": call.id, "content": "sunny" },
    ]);
    let second = client.chat().create(chat(model, json!({ "tools": tools, "messages": messages }))?).await?;
    expect(second.choices[0].message.content.as_deref() == Some("It is sunny."), second)
}

async fn object(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let schema = json!({
        "type": "object",
        "properties": { "city": { "type": "string" } },
        "required": ["city"],
        "additionalProperties": false,
    });
    let place = json!({ "name": "place", "strict": true, "schema": schema });
    let format = json!({ "type": "json_schema", "json_schema": place });
    let answer = client.chat().create(chat(model, json!({ "response_format": format }))?).await?;
    expect(answer.choices[0].message.content.as_deref() == Some(r#"{"city":"Bern"}"#), answer)
}

async fn errors(client: &Client<OpenAIConfig>) -> Outcome {
    match client.chat().create(chat("no-such-model", json!({}))?).await {
        Err(OpenAIError::ApiError(refused)) => {
            let is_right = refused.status_code == 404 && refused.api_error.code.as_deref() == Some("model_not_found");
            expect(is_right, refused)
        }
        other => expect(false, other),
    }
}

async fn response(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let request: CreateResponse = from_value(json!({ "model": model, "input": "Hi." }))?;
    let answer = client.responses().create(request).await?;
    expect(answer.output_text().unwrap_or_default().starts_with("Hello from"), answer)
}

async fn response_stream(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let request: CreateResponse = from_value(json!({ "model": model, "input": "Hi.", "stream": true }))?;
    let mut events = client.responses().create_stream(request).await?;
    let (mut text, mut completed) = (String::new(), false);
    while let Some(event) = events.next().await {
        match event? {
            ResponseStreamEvent::ResponseOutputTextDelta(delta) => text += &delta.delta,
            ResponseStreamEvent::ResponseCompleted(_) => completed = true,
            _ => {}
        }
    }
    expect(completed && text.starts_with("Hello from"), text)
}

async fn embeddings(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let request: CreateEmbeddingRequest = from_value(json!({ "model": model, "input": ["a", "b"] }))?;
    let answer = client.embeddings().create(request).await?;
    expect(answer.data.len() == 2 && !answer.data[0].embedding.is_empty(), answer)
}

async fn models(client: &Client<OpenAIConfig>, model: &str) -> Outcome {
    let list = client.models().list().await?;
    expect(list.data.iter().any(|entry| entry.id == model), list)?;
    let found = client.models().retrieve(model).await?;
    expect(found.id == model, found)
}
