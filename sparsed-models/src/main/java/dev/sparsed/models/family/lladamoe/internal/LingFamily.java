package dev.sparsed.models.family.lladamoe.internal;

import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelTokens;
import java.util.OptionalInt;
import java.util.Set;

/** A family of diffusion models that use the tokenizer of the Ling models. */
public abstract class LingFamily implements ModelFamily {

  private static final int MASK = 156_895;
  private static final int END = 156_892;

  /** The special tokens. */
  protected static final ModelTokens TOKENS =
      new ModelTokens(MASK, OptionalInt.of(END), OptionalInt.empty(), OptionalInt.of(END));

  /** For families. */
  protected LingFamily() {}

  /** The published call passes its mask itself. */
  @Override
  public final OptionalInt publishedMask() {
    return OptionalInt.of(MASK);
  }

  @Override
  public final Set<String> maskNames() {
    return Set.of("<|mask|>");
  }

  @Override
  public final Set<String> endsOfTurn() {
    return ImmutableSet.<String>builder().addAll(ENDS_OF_TURN).add("<|role_end|>").build();
  }
}
