import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What became of the checks of a client, as a line of JSON. */
final class Checks {
    interface Work {
        void run() throws Exception;
    }

    private final List<Map<String, String>> results = new ArrayList<>();

    void check(String route, String feature, Work work) {
        try {
            work.run();
            results.add(Map.of("route", route, "feature", feature));
        } catch (Exception | AssertionError error) {
            results.add(Map.of("route", route, "feature", feature, "error", String.valueOf(error)));
        }
    }

    static void expect(boolean holds, Object got) {
        if (!holds) throw new AssertionError("unexpected answer: " + got);
    }

    void print() throws JsonProcessingException {
        System.out.println(new ObjectMapper().writeValueAsString(results));
    }
}
