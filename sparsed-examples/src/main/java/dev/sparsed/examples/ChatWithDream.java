package dev.sparsed.examples;

import dev.sparsed.models.DiffusionModel;
import dev.sparsed.text.ChatMessage;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/**
 * A conversation of several turns with an instruct model, one line of standard input per turn.
 * Argument: a checkpoint folder, or a repository such as {@code Dream-org/Dream-v0-Instruct-7B}
 * that was downloaded before.
 */
public final class ChatWithDream {

  private ChatWithDream() {}

  /**
   * Answers until the input ends.
   *
   * @param arguments the checkpoint
   */
  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.out.println(
          "Name a checkpoint: a folder, or a repository that was downloaded before.");
      return;
    }
    List<ChatMessage> conversation = new ArrayList<>();
    try (DiffusionModel model = DiffusionModel.load(arguments[0])) {
      Scanner lines = new Scanner(System.in, Charset.defaultCharset());
      while (lines.hasNextLine()) {
        conversation.add(ChatMessage.user(lines.nextLine()));
        String answer = model.chat(conversation);
        conversation.add(ChatMessage.assistant(answer));
        System.out.println(answer);
      }
    }
  }
}
