package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableMap;

/** Model classes that are near to those that are read here, and what sets them apart. */
final class OtherClasses {
  private static final String BLOCK_CAUSAL =
      "attention that is causal over blocks, with finished blocks cached";
  private static final String EXPERTS = "a mixture of experts";
  private static final String ADAPTED =
      "an autoregressive model's layers, trained for diffusion by the dLLM library";
  private static final String IMAGES = "a model of images and text";

  private static final ImmutableMap<String, String> DIFFERENCES =
      ImmutableMap.<String, String>builder()
          .put("LLaDAForMultiModalGeneration", IMAGES + " (Lumina-DiMOO)")
          .put("LlavaLLaDAModelLM", IMAGES + " (LLaDA-V)")
          .put("MMadaModelLM", IMAGES + " (MMaDA)")
          .put("SDARMoeForCausalLM", EXPERTS + " and " + BLOCK_CAUSAL + " (SDAR)")
          .put("A2DLlamaLMHeadModel", ADAPTED)
          .put("A2DModernBertForMaskedLM", "an encoder of another kind (ModernBERT)")
          .put("DreamOnModel", "generation that changes the length of the text (DreamOn)")
          .put("RND1LM", EXPERTS + " (RND1)")
          .put("WeDLMForCausalLM", "causal attention (WeDLM)")
          .put("DiffusionGemmaForBlockDiffusion", BLOCK_CAUSAL + " (Gemma)")
          .buildOrThrow();

  private OtherClasses() {}

  /** What is known of a class, as the rest of a sentence that names it; empty for most classes. */
  static String difference(String architecture) {
    String known = DIFFERENCES.get(architecture);
    if (known != null) {
      return ": " + known;
    }
    if (architecture.endsWith("ForCausalLM")) {
      return ": most models of such classes write one token after the other and are no diffusion models";
    }
    return "";
  }
}
