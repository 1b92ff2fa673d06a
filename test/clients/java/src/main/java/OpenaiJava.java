import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import java.util.List;
import java.util.stream.Collectors;

/** What the official Java client can do: BASE_URL API_KEY MODEL. */
public final class OpenaiJava {
    @JsonClassDescription("The weather of a city.")
    public static class Weather {
        public String city;
    }

    public static class Place {
        public String city;
    }

    public static void main(String[] args) throws Exception {
        OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl(args[0]).apiKey(args[1]).maxRetries(0).build();
        String model = args[2];
        Checks checks = new Checks();

        checks.check("chat/completions", "answer", () -> {
            var answer = client.chat().completions().create(ask(model).build());
            String text = answer.choices().get(0).message().content().orElse("");
            Checks.expect(text.startsWith("Hello from") && answer.usage().isPresent(), answer);
        });
        checks.check("chat/completions", "stream", () -> {
            var whole = ChatCompletionAccumulator.create();
            try (var stream = client.chat().completions().createStreaming(ask(model).build())) {
                stream.stream().forEach(whole::accumulate);
            }
            String text = whole.chatCompletion().choices().get(0).message().content().orElse("");
            Checks.expect(text.startsWith("Hello from"), whole.chatCompletion());
        });
        checks.check("chat/completions", "tools", () -> {
            var params = ask(model).addTool(Weather.class);
            var message = client.chat().completions().create(params.build()).choices().get(0).message();
            var call = message.toolCalls().orElseThrow().get(0).asFunction();
            Checks.expect(call.function().arguments(Weather.class).city.equals("Bern"), message);
            var result = ChatCompletionToolMessageParam.builder().toolCallId(call.id()).content("sunny").build();
            var second = client.chat().completions().create(params.addMessage(message).addMessage(result).build());
            Checks.expect(second.choices().get(0).message().content().orElse("").equals("It is sunny."), second);
        });
        checks.check("chat/completions", "object", () -> {
            var params = ask(model).responseFormat(Place.class).build();
            var answer = client.chat().completions().create(params);
            Checks.expect(answer.choices().get(0).message().content().orElseThrow().city.equals("Bern"), answer);
        });
        checks.check("chat/completions", "errors", () -> {
            try {
                client.chat().completions().create(ask("no-such-model").build());
                Checks.expect(false, "an answer");
            } catch (NotFoundException refused) {
                Checks.expect(refused.code().orElse("").equals("model_not_found"), refused);
            }
        });
        checks.check("responses", "answer", () -> {
            var answer = client.responses().create(respond(model));
            String text = answer.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .flatMap(part -> part.outputText().stream())
                .map(part -> part.text())
                .collect(Collectors.joining());
            Checks.expect(text.startsWith("Hello from"), answer);
        });
        checks.check("responses", "stream", () -> {
            StringBuilder text = new StringBuilder();
            try (var events = client.responses().createStreaming(respond(model))) {
                events.stream().forEach(event -> event.outputTextDelta().ifPresent(delta -> text.append(delta.delta())));
            }
            Checks.expect(text.toString().startsWith("Hello from"), text);
        });
        checks.check("embeddings", "vectors", () -> {
            var params = EmbeddingCreateParams.builder().model(model).inputOfArrayOfStrings(List.of("a", "b")).build();
            var answer = client.embeddings().create(params);
            Checks.expect(answer.data().size() == 2 && !answer.data().get(0).embedding().isEmpty(), answer);
        });
        checks.check("models", "list and find", () -> {
            var page = client.models().list();
            Checks.expect(page.data().stream().anyMatch(entry -> entry.id().equals(model)), page);
            Checks.expect(client.models().retrieve(model).id().equals(model), model);
        });
        checks.print();
        System.exit(0); // the client's pool of threads would keep the process for a minute
    }

    private static ChatCompletionCreateParams.Builder ask(String model) {
        return ChatCompletionCreateParams.builder().model(model).addUserMessage("Hi.");
    }

    private static ResponseCreateParams respond(String model) {
        return ResponseCreateParams.builder().model(model).input("Hi.").build();
    }
}
