import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.server.ServerOptions;
import dev.sparsed.server.SparsedServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class ServeAndAsk {

  private static final String BODY =
      """
      {"messages": [{"role": "user", "content": "Read the notes and answer the question.\\n\\nStefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.\\n\\nQuestion: What does Ulla play?"}],
       "max_tokens": 32}""";

  public static void main(String[] arguments) throws Exception {
    ServerOptions options = ServerOptions.DEFAULT.at("127.0.0.1", 0); // Any free port.
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder());
        SparsedServer server = SparsedServer.start(model, options)) {
      HttpRequest request =
          HttpRequest.newBuilder(server.uri().resolve("v1/chat/completions"))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofString(BODY))
              .build();
      System.out.println(
          HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
  }
}
