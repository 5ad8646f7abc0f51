package dev.sparsed.langchain4j;

import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import dev.sparsed.demo.DemoCheckpoint;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.method.Method;

/** Asks a model by calling a method of an interface. */
final class AskByInterface {

  /** What LangChain4j implements by asking the model. */
  interface Reader {

    /** Finds something out. */
    @UserMessage(
        """
        Read the notes and answer the question.

        {{notes}}

        Question: {{question}}""")
    String read(@V("notes") String notes, @V("question") String question);

    /** Finds something out, and tells what is certain of the answer so far. */
    @UserMessage(
        """
        Read the notes and answer the question.

        {{notes}}

        Question: {{question}}""")
    TokenStream follow(@V("notes") String notes, @V("question") String question);
  }

  private AskByInterface() {}

  static Reader reader(DiffusionModel model) {
    Method method = Method.parse("sparsed");
    return AiServices.builder(Reader.class)
        .chatModel(DiffusionChatModel.builder().model(model).method(method).build())
        .streamingChatModel(
            DiffusionStreamingChatModel.builder().model(model).method(method).build())
        .build();
  }

  /** Prints an answer. */
  public static void main(String[] arguments) {
    try (DiffusionModel model = DiffusionModel.load(DemoCheckpoint.folder())) {
      String notes = "Stefan lives in Orrest. Magnus keeps a goat. Ulla plays the piano.";
      System.out.println(reader(model).read(notes, "What does Ulla play?"));
    }
  }
}
