package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.models.internal.checkpoint.FieldRules.Refused;

/**
 * Fields that mean the same in the {@code config.json} of every family: what Hugging Face's library
 * writes of itself, and extensions of a transformer that none of the families here has.
 */
final class CommonFields {

  /** Bookkeeping, training, and defaults of a generation that works token by token. */
  private static final ImmutableSet<String> HARMLESS =
      ImmutableSet.of(
          "add_cross_attention",
          "attn_implementation",
          "auto_map",
          "bad_words_ids",
          "begin_suppress_tokens",
          "chunk_size_feed_forward",
          "classifier_dropout",
          "cross_attention_hidden_size",
          "decoder_start_token_id",
          "delete_token_id",
          "diversity_penalty",
          "do_sample",
          "early_stopping",
          "encoder_no_repeat_ngram_size",
          "expand_token_id",
          "exponential_decay_length_penalty",
          "finetuning_task",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "gradient_checkpointing",
          "id2label",
          "is_decoder",
          "label2id",
          "length_penalty",
          "max_length",
          "max_new_tokens",
          "min_length",
          "model_max_length",
          "no_repeat_ngram_size",
          "num_beam_groups",
          "num_beams",
          "num_labels",
          "num_return_sequences",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "prefix",
          "pretraining_tp",
          "problem_type",
          "remove_invalid_values",
          "repetition_penalty",
          "return_dict",
          "return_dict_in_generate",
          "sep_token_id",
          "suppress_tokens",
          "task_specific_params",
          "tf_legacy_loss",
          "tie_encoder_decoder",
          "tokenizer_class",
          "torchscript",
          "transformers_version",
          "typical_p",
          "unsloth_fixed",
          "unsloth_version",
          "use_bfloat16",
          "use_cache");

  private static final Refused BLOCK_CAUSAL =
      new Refused(
          "attention that is causal over blocks of that many tokens (as in SDAR or Fast-dLLM v2)",
          Neutral::never);
  private static final Refused EXPERTS = new Refused("a mixture of experts", Neutral::zeroOrOff);
  private static final Refused QUERY_KEY_NORMS =
      new Refused("norms on queries and keys", Neutral::off);
  private static final Refused CAUSAL = new Refused("causal attention", Neutral::off);
  private static final Refused PART_ROTARY =
      new Refused("rotary positions on a part of each head", Neutral::one);
  private static final Refused SCALED = new Refused("scaled values within the model", Neutral::one);
  private static final Refused CAPPED =
      new Refused("capped logits or attention scores", Neutral::never);
  private static final Refused STRETCHED =
      new Refused("stretched rotary positions", Neutral::oneOrOff);
  private static final Refused OTHER_INPUTS =
      new Refused("a model of images or sounds beside text", Neutral::empty);
  private static final Refused WINDOW = new Refused("attention within a window", Neutral::noWindow);
  private static final Refused SINKS = new Refused("sinks of attention", Neutral::zeroOrOff);
  private static final Refused MORE_NORMS =
      new Refused("norms after a layer's parts", Neutral::off);
  private static final Refused PARALLEL =
      new Refused("attention and feed-forward part beside each other", Neutral::off);
  private static final Refused BIASES = new Refused("biases of all projections", Neutral::off);
  private static final Refused NO_POSITIONS =
      new Refused("layers without rotary positions", Neutral::empty);
  private static final Refused PREDICTS_MORE =
      new Refused("layers that predict further tokens", Neutral::zeroOrOff);
  private static final Refused LOW_RANK_KEYS = new Refused("latent attention", Neutral::never);

  /** Extensions that change what a transformer computes. */
  private static final ImmutableMap<String, Refused> REFUSED =
      ImmutableMap.<String, Refused>builder()
          .put("bd_size", BLOCK_CAUSAL)
          .put("block_size", BLOCK_CAUSAL)
          .put("block_causal", new Refused("attention that is causal over blocks", Neutral::off))
          .put("causal", CAUSAL)
          .put("causal_attention", CAUSAL)
          .put("is_causal", CAUSAL)
          .put("bidirectional", new Refused("causal attention", Neutral::on))
          .put("is_encoder_decoder", new Refused("an encoder beside the decoder", Neutral::off))
          .put("expert_intermediate_size", EXPERTS)
          .put("first_k_dense_replace", EXPERTS)
          .put("moe_intermediate_size", EXPERTS)
          .put("n_routed_experts", EXPERTS)
          .put("n_shared_experts", EXPERTS)
          .put("num_experts", EXPERTS)
          .put("num_experts_per_tok", EXPERTS)
          .put("num_local_experts", EXPERTS)
          .put("num_shared_experts", EXPERTS)
          .put("shared_expert_intermediate_size", EXPERTS)
          .put("qk_layernorm", QUERY_KEY_NORMS)
          .put("qk_norm", QUERY_KEY_NORMS)
          .put("use_qk_norm", QUERY_KEY_NORMS)
          .put("partial_rotary_factor", PART_ROTARY)
          .put("rotary_pct", PART_ROTARY)
          .put("rotary_percent", PART_ROTARY)
          .put("rotary_dim", new Refused("rotary positions on a part of each head", Neutral::never))
          .put("ntk_alpha", STRETCHED)
          .put("ntk_factor", STRETCHED)
          .put("rope_scaling_factor", STRETCHED)
          .put("scaling_factor", STRETCHED)
          .put("use_dynamic_ntk", STRETCHED)
          .put(
              "use_logn_attn",
              new Refused("attention scaled by the length of the text", Neutral::off))
          .put("use_mrope", new Refused("rotary positions in several dimensions", Neutral::off))
          .put("attention_multiplier", SCALED)
          .put("embedding_multiplier", SCALED)
          .put("logit_scale", SCALED)
          .put("logits_scaling", SCALED)
          .put("residual_multiplier", SCALED)
          .put("scale_emb", SCALED)
          .put("scale_depth", SCALED)
          .put("scale_embedding", new Refused("scaled embeddings", Neutral::off))
          .put("attn_logit_softcapping", CAPPED)
          .put("clip_qkv", new Refused("clipped queries, keys and values", Neutral::never))
          .put("final_logit_softcapping", CAPPED)
          .put("query_pre_attn_scalar", new Refused("another scale of attention", Neutral::never))
          .put("layer_types", new Refused("layers of several kinds", Neutral::fullAttention))
          .put("kv_lora_rank", LOW_RANK_KEYS)
          .put("q_lora_rank", LOW_RANK_KEYS)
          .put("pruned_heads", new Refused("heads that were cut out", Neutral::empty))
          .put("compression_config", new Refused("compressed weights", Neutral::empty))
          .put("attention_window", WINDOW)
          .put("attention_window_size", WINDOW)
          .put("attention_chunk_size", WINDOW)
          .put("local_attention", WINDOW)
          .put("local_window_size", WINDOW)
          .put("sliding_window", WINDOW)
          .put("sliding_window_pattern", WINDOW)
          .put("sliding_window_size", WINDOW)
          .put("use_sliding_window", WINDOW)
          .put("window_size", WINDOW)
          .put("attention_sink", SINKS)
          .put("attention_sinks", SINKS)
          .put("num_attention_sinks", SINKS)
          .put("num_sink_tokens", SINKS)
          .put("use_attention_sinks", SINKS)
          .put("post_norm", MORE_NORMS)
          .put("sandwich_norm", MORE_NORMS)
          .put("use_post_norm", MORE_NORMS)
          .put("parallel_attn", PARALLEL)
          .put("use_parallel_residual", PARALLEL)
          .put("add_bias_linear", BIASES)
          .put("attention_bias", BIASES)
          .put("mlp_bias", BIASES)
          .put("use_bias", BIASES)
          .put("no_rope_layers", NO_POSITIONS)
          .put("num_nextn_predict_layers", PREDICTS_MORE)
          .put("num_mtp_layers", PREDICTS_MORE)
          .put("rope_interleaved", new Refused("neighbouring pairs rotated", Neutral::off))
          .put("rope_interleave", new Refused("neighbouring pairs rotated", Neutral::off))
          .put("rope_local_base_freq", new Refused("layers of several kinds", Neutral::never))
          .put("use_relay", new Refused("a relay of hidden states between steps", Neutral::off))
          .put("attention_scale", SCALED)
          .put("embed_scale", SCALED)
          .put("mup_embedding_multiplier", SCALED)
          .put(
              "num_key_value_shared_layers",
              new Refused("keys shared by layers", Neutral::zeroOrOff))
          .put("num_kv_shared_layers", new Refused("keys shared by layers", Neutral::zeroOrOff))
          .put("audio_config", OTHER_INPUTS)
          .put("mm_vision_tower", OTHER_INPUTS)
          .put("text_config", OTHER_INPUTS)
          .put("vision_config", OTHER_INPUTS)
          .buildOrThrow();

  /** For every family's configuration. */
  static final FieldRules RULES = new FieldRules(HARMLESS, REFUSED);

  private CommonFields() {}
}
