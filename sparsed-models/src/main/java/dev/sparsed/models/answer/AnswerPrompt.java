package dev.sparsed.models.answer;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.ChatFormat;
import dev.sparsed.text.ChatMessage;
import java.util.List;

/** What a model is given to answer. */
sealed interface AnswerPrompt {

  /** The token ids that the model is fed. */
  int[] tokens(ChatFormat format);

  /** Whether blanks around the answer belong to the format and not to the text. */
  boolean isConversation();

  /** Turns of a conversation, the last one to be answered. */
  record Conversation(List<ChatMessage> messages) implements AnswerPrompt {

    public Conversation {
      messages = ImmutableList.copyOf(messages);
      if (messages.isEmpty()) {
        throw new IllegalArgumentException("a conversation has at least one message");
      }
    }

    @Override
    public int[] tokens(ChatFormat format) {
      boolean question = messages.size() == 1 && messages.get(0).role().equals("user");
      return question ? format.question(messages.get(0).content()) : format.conversation(messages);
    }

    @Override
    public boolean isConversation() {
      return true;
    }
  }

  /** A text that the model continues. */
  record Text(String text) implements AnswerPrompt {

    @Override
    public int[] tokens(ChatFormat format) {
      return format.plain(text);
    }

    @Override
    public boolean isConversation() {
      return false;
    }
  }
}
