package dev.sparsed.text;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.sparsed.text.internal.Quoted;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The boundary to Hugging Face's native tokenizers, and the only owner of its pointers.
 *
 * <p>It calls DJL's binding below {@code HuggingFaceTokenizer}, because that class asks the network
 * for cloud metadata whenever it is created and truncates at a length of its own. A panic in the
 * native code ends the process; so definitions come here only through {@link TokenizerCheck} and
 * texts only through {@link TextLimits}.
 */
final class NativeTokenizer implements AutoCloseable {

  /** Encoding and decoding share the lock, closing takes it alone. */
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  private long handle;

  private NativeTokenizer(long handle) {
    this.handle = handle;
  }

  /**
   * @param definition a checked tokenizer.json
   * @param source what the definition was read from, for messages
   */
  static NativeTokenizer create(String definition, String source) {
    NativeTokenizerLibrary.load();
    if (!isWellFormed(definition)) {
      throw new TokenizerException(
          source + " holds half of a surrogate pair, which is no text; download it again");
    }
    try {
      return new NativeTokenizer(TokenizersLibrary.LIB.createTokenizerFromString(definition));
    } catch (RuntimeException e) {
      throw new TokenizerException(
          source
              + " is not a tokenizer definition that can be loaded: "
              + Quoted.of(String.valueOf(e.getMessage()))
              + "; download the checkpoint again");
    }
  }

  /** Native strings are UTF-8, where half of a surrogate pair has no place. */
  private static boolean isWellFormed(String text) {
    return text.codePoints().noneMatch(c -> c <= 0xFFFF && Character.isSurrogate((char) c));
  }

  int[] encode(String text, boolean addSpecialTokens) {
    Lock reading = lock.readLock();
    reading.lock();
    try {
      long encoding = tokenized(text, addSpecialTokens);
      try {
        long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
        int[] narrow = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
          narrow[i] = Math.toIntExact(ids[i]);
        }
        return narrow;
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } finally {
      reading.unlock();
    }
  }

  private long tokenized(String text, boolean addSpecialTokens) {
    long open = open();
    try {
      return TokenizersLibrary.LIB.encode(open, text, addSpecialTokens);
    } catch (RuntimeException e) {
      throw new TokenizerException(
          "the tokenizer cannot encode this text: "
              + Quoted.of(String.valueOf(e.getMessage()))
              + "; use the tokenizer that the model was published with",
          e);
    }
  }

  String decode(long[] ids, boolean skipSpecialTokens) {
    Lock reading = lock.readLock();
    reading.lock();
    try {
      return TokenizersLibrary.LIB.decode(open(), ids, skipSpecialTokens);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void close() {
    Lock alone = lock.writeLock();
    alone.lock();
    try {
      if (handle != 0) {
        TokenizersLibrary.LIB.deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      alone.unlock();
    }
  }

  private long open() {
    if (handle == 0) {
      throw new IllegalStateException("the tokenizer is closed");
    }
    return handle;
  }
}
