package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.models.DiffusionModel;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.GenerationResult;
import dev.sparsed.models.method.Method;
import dev.sparsed.text.ChatMessage;
import dev.sparsed.text.ChatTemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A conversation: its turns, and how a model answers the next one. */
final class ChatTurns {

  private final DiffusionModel model;
  private final Requests requests;
  private final ChatFormat format;
  private final Optional<String> system;
  private final List<ChatMessage> messages = new ArrayList<>();

  /** Starts a request. */
  @FunctionalInterface
  interface Requests {

    /**
     * A request for an answer.
     *
     * @param method how to generate
     * @param prompt token ids
     * @throws BadUseException if the method does not go with the model
     */
    GenerationRequest.Builder of(Method method, int[] prompt);
  }

  /**
   * What a turn led to.
   *
   * @param result what the model gave
   * @param answer its text; empty if the model ended its turn at once
   */
  record Answered(GenerationResult result, String answer) {}

  ChatTurns(DiffusionModel model, Requests requests, Optional<String> system) {
    this.model = model;
    this.requests = requests;
    this.format = model.chatFormat();
    this.system = system;
    reset();
  }

  /** Forgets all turns. */
  void reset() {
    messages.clear();
    system.ifPresent(text -> messages.add(ChatMessage.system(text)));
  }

  /** Whether the model sees earlier turns: without a chat template it sees each line alone. */
  boolean remembers() {
    return model.tokenizer().chatTemplate().isPresent();
  }

  ImmutableList<ChatMessage> messages() {
    return ImmutableList.copyOf(messages);
  }

  /** The request for the answer to the last turn of the user, to be asked again. */
  Optional<GenerationRequest.Builder> lastRequest(Method method) {
    for (int last = messages.size() - 1; last >= 0; last--) {
      if (messages.get(last).role().equals("user")) {
        int[] prompt = prompt(messages.subList(0, last + 1));
        return Optional.of(requests.of(method, prompt));
      }
    }
    return Optional.empty();
  }

  /** Refuses a method that does not go with the model. */
  void check(Method method) {
    GenerationRequest request = requests.of(method, new int[] {0}).build();
    request.requireFitFor(model.config());
  }

  /** Answers a text. Both become turns, unless there is no answer. */
  Answered answer(Method method, String text, ChatProgress progress) throws Exception {
    List<ChatMessage> asked = new ArrayList<>(messages);
    asked.add(ChatMessage.user(text));
    int[] prompt = prompt(asked);
    GenerationRequest request = requests.of(method, prompt).stopAt(format.ends()).build();
    LiveText live =
        new LiveText(
            prompt.length,
            model.config().maskToken(),
            ImmutableSet.copyOf(Ints.asList(format.ends())),
            tokens -> model.tokenizer().decode(tokens, true));
    GenerationResult result;
    try (StepProgress shown = progress.of(live)) {
      result = Interruption.during(() -> model.generate(request, shown));
    }
    String answer = model.answer(result);
    if (!answer.isEmpty()) {
      messages.add(ChatMessage.user(text));
      messages.add(ChatMessage.assistant(answer));
    }
    return new Answered(result, answer);
  }

  private int[] prompt(List<ChatMessage> asked) {
    if (!remembers()) {
      return format.plain(asked.get(asked.size() - 1).content());
    }
    try {
      return format.conversation(asked);
    } catch (ChatTemplateException e) {
      throw new BadUseException(e);
    }
  }

  DiffusionModel model() {
    return model;
  }
}
