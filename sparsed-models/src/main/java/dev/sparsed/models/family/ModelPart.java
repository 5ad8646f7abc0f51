package dev.sparsed.models.family;

/** A part of a transformer that has weights, with the name that most published checkpoints use. */
public enum ModelPart {
  /** Token embedding [rows, hidden]. */
  EMBEDDING("model.embed_tokens"),
  /** Norm before the attention [hidden]. */
  ATTENTION_NORM("input_layernorm"),
  /** Query projection [H * D, hidden]. */
  QUERY("self_attn.q_proj"),
  /** Key projection [Hkv * D, hidden]. */
  KEY("self_attn.k_proj"),
  /** Value projection [Hkv * D, hidden]. */
  VALUE("self_attn.v_proj"),
  /** Norm of each query head before its rotation [D]. */
  QUERY_NORM("self_attn.q_norm"),
  /** Norm of each key head before its rotation [D]. */
  KEY_NORM("self_attn.k_norm"),
  /** Projection after the attention [hidden, H * D]. */
  OUTPUT("self_attn.o_proj"),
  /** Norm before the feed-forward part [hidden]. */
  FEED_FORWARD_NORM("post_attention_layernorm"),
  /** Feed-forward projection that the activation is applied to [inner, hidden]. */
  GATE("mlp.gate_proj"),
  /** Feed-forward projection that the activation is multiplied with [inner, hidden]. */
  UP("mlp.up_proj"),
  /** Feed-forward projection back to the hidden width [hidden, inner]. */
  DOWN("mlp.down_proj"),
  /** What scores experts [experts, hidden]. */
  ROUTER("mlp.gate"),
  /** What is added to experts' scores for choosing [experts]; one tensor of the name itself. */
  ROUTER_CORRECTION("mlp.gate.expert_bias"),
  /** Of what every token goes through beside experts, as {@link #GATE}. */
  SHARED_GATE("mlp.shared_experts.gate_proj"),
  /** Of what every token goes through beside experts, as {@link #UP}. */
  SHARED_UP("mlp.shared_experts.up_proj"),
  /** Of what every token goes through beside experts, as {@link #DOWN}. */
  SHARED_DOWN("mlp.shared_experts.down_proj"),
  /** Norm before the head [hidden]. */
  FINAL_NORM("model.norm"),
  /** Language-model head [rows, hidden]. */
  HEAD("lm_head");

  private final String commonName;

  ModelPart(String commonName) {
    this.commonName = commonName;
  }

  /**
   * Whether every layer has this part.
   *
   * @return false for the embedding, the final norm and the head
   */
  public boolean isInLayers() {
    return this != EMBEDDING && this != FINAL_NORM && this != HEAD;
  }

  /**
   * The name that most published checkpoints use.
   *
   * @param layer the layer, from 0; of no account for parts outside the layers
   * @return the module's name, such as {@code model.layers.3.self_attn.q_proj}
   */
  public String commonName(int layer) {
    return isInLayers() ? "model.layers." + layer + "." + commonName : commonName;
  }
}
