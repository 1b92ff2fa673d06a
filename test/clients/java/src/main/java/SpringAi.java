import java.util.List;
import java.util.stream.Collectors;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.document.MetadataMode;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.OpenAiEmbeddingModel;
import org.springframework.ai.openai.OpenAiEmbeddingOptions;
import org.springframework.ai.openai.api.OpenAiApi;
import org.springframework.ai.openai.api.ResponseFormat;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;

/** What Spring AI can do: BASE_URL API_KEY MODEL. Its own base URL is the one without `/v1`. */
public final class SpringAi {
    public static class Weather {
        @Tool(description = "The weather of a city.")
        public String weather(String city) {
            return city + " is sunny";
        }
    }

    private static final String PLACE =
        """
        {"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}
        """;

    public static void main(String[] args) throws Exception {
        OpenAiApi api = OpenAiApi.builder().baseUrl(args[0].replaceAll("/v1$", "")).apiKey(args[1]).build();
        String model = args[2];
        OpenAiChatModel chat = OpenAiChatModel.builder().openAiApi(api).build();
        Checks checks = new Checks();

        checks.check("chat/completions", "answer", () -> {
            var answer = chat.call(new Prompt("Hi.", options(model).build()));
            Checks.expect(answer.getResult().getOutput().getText().startsWith("Hello from"), answer);
            Checks.expect(answer.getMetadata().getUsage().getTotalTokens() > 0, answer);
        });
        checks.check("chat/completions", "stream", () -> {
            var chunks = chat.stream(new Prompt("Hi.", options(model).streamUsage(true).build())).collectList().block();
            String text = chunks.stream()
                .filter(chunk -> chunk.getResult() != null && chunk.getResult().getOutput().getText() != null)
                .map(chunk -> chunk.getResult().getOutput().getText())
                .collect(Collectors.joining());
            Checks.expect(text.startsWith("Hello from"), text);
        });
        var withTools = options(model).toolCallbacks(ToolCallbacks.from(new Weather())).build();
        checks.check("chat/completions", "tool loop", () -> {
            var answer = chat.call(new Prompt("Hi.", withTools));
            Checks.expect(answer.getResult().getOutput().getText().equals("It is sunny."), answer);
        });
        checks.check("chat/completions", "streamed tool loop", () -> {
            var chunks = chat.stream(new Prompt("Hi.", withTools)).collectList().block();
            String text = chunks.stream()
                .filter(chunk -> chunk.getResult() != null && chunk.getResult().getOutput().getText() != null)
                .map(chunk -> chunk.getResult().getOutput().getText())
                .collect(Collectors.joining());
            Checks.expect(text.endsWith("It is sunny."), text);
        });
        checks.check("chat/completions", "object", () -> {
            var format = new ResponseFormat(ResponseFormat.Type.JSON_SCHEMA, PLACE);
            var answer = chat.call(new Prompt("Hi.", options(model).responseFormat(format).build()));
            Checks.expect(answer.getResult().getOutput().getText().equals("{\"city\":\"Bern\"}"), answer);
        });
        checks.check("chat/completions", "errors", () -> {
            try {
                chat.call(new Prompt("Hi.", options("no-such-model").build()));
                Checks.expect(false, "an answer");
            } catch (NonTransientAiException refused) {
                Checks.expect(refused.getMessage().contains("model_not_found"), refused);
            }
        });
        checks.check("embeddings", "vectors", () -> {
            var options = OpenAiEmbeddingOptions.builder().model(model).build();
            var vectors = new OpenAiEmbeddingModel(api, MetadataMode.EMBED, options).embed(List.of("a", "b"));
            Checks.expect(vectors.size() == 2 && vectors.get(0).length > 0, vectors);
        });
        checks.print();
        System.exit(0);
    }

    private static OpenAiChatOptions.Builder options(String model) {
        return OpenAiChatOptions.builder().model(model);
    }
}
