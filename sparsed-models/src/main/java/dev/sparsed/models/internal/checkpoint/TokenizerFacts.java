package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The few things that a checkpoint's configuration must agree on with its tokenizer: which tokens
 * have the ids that the configuration names, and which token stands for the mask.
 *
 * @param added ids of the tokens that are added to the vocabulary
 * @param vocabulary ids of those tokens of the vocabulary that were asked for
 * @param maskName the token that the files call the mask
 * @param problem why the files could not be read to their end
 */
record TokenizerFacts(
    ImmutableMap<String, Integer> added,
    ImmutableMap<String, Integer> vocabulary,
    Optional<String> maskName,
    Optional<String> problem) {

  /** Nothing is known, as where a folder holds no tokenizer. */
  static final TokenizerFacts NONE =
      new TokenizerFacts(ImmutableMap.of(), ImmutableMap.of(), Optional.empty(), Optional.empty());

  /**
   * Reads a folder's files.
   *
   * @param folder the checkpoint's folder, which need not hold a tokenizer
   * @param wantedIds ids whose tokens of the vocabulary are kept
   */
  static TokenizerFacts read(Path folder, Set<Integer> wantedIds) {
    return new TokenizerFactsReader(folder, wantedIds).read();
  }

  /**
   * The token that the files call the mask, or where they call none so those whose names are known
   * for it, the family's first, with their ids.
   */
  ImmutableMap<String, Integer> masks(Set<String> ofFamily) {
    Optional<Integer> named = maskName.map(name -> added.getOrDefault(name, vocabulary.get(name)));
    if (named.isPresent()) {
      return ImmutableMap.of(maskName.get(), named.get());
    }
    ImmutableMap.Builder<String, Integer> masks = ImmutableMap.builder();
    for (String name : MaskToken.names(maskName, ofFamily)) {
      Integer id = added.get(name);
      if (id == null && MaskToken.published().contains(name)) {
        id = vocabulary.get(name);
      }
      if (id != null) {
        masks.put(name, id);
      }
    }
    return masks.buildOrThrow();
  }

  /** Whether there is a token, which if it is of the vocabulary must have been asked for. */
  boolean has(String token) {
    return added.containsKey(token) || vocabulary.containsKey(token);
  }

  /** Ids of those of some tokens that are added to the vocabulary. */
  List<Integer> added(Set<String> names) {
    return names.stream().map(added::get).filter(Objects::nonNull).filter(id -> id >= 0).toList();
  }

  /** The token of an id that was asked for. */
  Optional<String> token(int id) {
    return name(added, id).or(() -> name(vocabulary, id));
  }

  /** Whether an id that was asked for is a piece of text rather than an added token. */
  boolean isWord(int id) {
    return name(added, id).isEmpty() && name(vocabulary, id).isPresent();
  }

  private static Optional<String> name(Map<String, Integer> tokens, int id) {
    return tokens.entrySet().stream()
        .filter(token -> token.getValue() == id)
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
