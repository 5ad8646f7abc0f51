package dev.sparsed.spark;

import com.google.common.collect.ImmutableList;
import dev.sparsed.eval.accuracy.AnswerBatch;
import dev.sparsed.eval.accuracy.ChatTurn;
import dev.sparsed.eval.accuracy.TaskPrompt;
import java.io.Serializable;

/** {@link AnswerBatch} on its way to an executor. */
record SentBatch(ImmutableList<Prompt> prompts, int generationLength, long seed)
    implements Serializable {

  /** A prompt; turns are roles and contents in turn, gaps are read from the text again. */
  record Prompt(ImmutableList<String> turns, boolean chat, String answerPrefix, boolean hasGaps)
      implements Serializable {

    private static Prompt of(TaskPrompt prompt) {
      ImmutableList.Builder<String> turns = ImmutableList.builder();
      prompt.turns().forEach(turn -> turns.add(turn.role(), turn.content()));
      return new Prompt(
          turns.build(), prompt.chat(), prompt.answerPrefix(), prompt.gaps().isPresent());
    }

    private TaskPrompt prompt() {
      if (hasGaps) {
        return TaskPrompt.infill(turns.get(1));
      }
      ImmutableList.Builder<ChatTurn> parts = ImmutableList.builder();
      for (int i = 0; i < turns.size(); i += 2) {
        parts.add(new ChatTurn(turns.get(i), turns.get(i + 1)));
      }
      return new TaskPrompt(parts.build(), chat, answerPrefix);
    }
  }

  static SentBatch of(AnswerBatch batch) {
    return new SentBatch(
        batch.prompts().stream().map(Prompt::of).collect(ImmutableList.toImmutableList()),
        batch.generationLength(),
        batch.seed());
  }

  ImmutableList<TaskPrompt> taskPrompts() {
    return prompts.stream().map(Prompt::prompt).collect(ImmutableList.toImmutableList());
  }
}
