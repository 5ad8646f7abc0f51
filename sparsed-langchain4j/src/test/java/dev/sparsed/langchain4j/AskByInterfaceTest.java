package dev.sparsed.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AskByInterfaceTest {

  private static final String NOTES =
      "Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano. Dora lives in Northam.";
  private static final String QUESTION = "What does Ulla play?";

  private final AskByInterface.Reader reader = AskByInterface.reader(Demo.model());

  @Test
  void answersAtOnce() {
    assertEquals(Demo.ANSWER, reader.read(NOTES, QUESTION));
  }

  @Test
  void answersInPieces() throws Exception {
    Queue<String> pieces = new ConcurrentLinkedQueue<>();
    CompletableFuture<ChatResponse> response = new CompletableFuture<>();
    reader
        .follow(NOTES, QUESTION)
        .onPartialResponse(pieces::add)
        .onCompleteResponse(response::complete)
        .onError(response::completeExceptionally)
        .start();
    assertEquals(Demo.ANSWER, response.get(60, TimeUnit.SECONDS).aiMessage().text());
    assertEquals(Demo.ANSWER, String.join("", pieces));
  }
}
