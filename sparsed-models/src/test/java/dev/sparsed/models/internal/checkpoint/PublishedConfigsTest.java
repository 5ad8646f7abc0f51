package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.Experts;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.ModelTemplate;
import dev.sparsed.models.family.ModelTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fields of published configurations, and what is made of others. */
class PublishedConfigsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the published files say, one file per kind. */
  private static final Path PUBLISHED = Path.of("src/test/resources/published");

  /** Dream-7B, Dream-Coder, DiffuCoder, d3LLM-Dream. */
  private static final String DREAM = published("dream-7b");

  /** LLaDA-8B, LLaDA-1.5, UltraLLaDA, d3LLM-LLaDA. */
  private static final String LLADA = published("llada-8b");

  /** Qwen3-0.6B as the dLLM library converts it, with the mask that it adds to the tokenizer. */
  private static final String A2D_QWEN3 = published("a2d-qwen3-0.6b");

  /** Fast-dLLM v2 1.5B, made of Qwen2.5-1.5B-Instruct. */
  private static final String FAST_DLLM = published("fast-dllm-v2-1.5b");

  /** LLaDA-MoE-7B-A1B, Base and Instruct. */
  private static final String LLADA_MOE = published("llada-moe-7b-a1b");

  /** LLaDA2.0-mini. */
  private static final String LLADA2 = published("llada2-mini");

  private static String published(String name) {
    try {
      return Files.readString(PUBLISHED.resolve(name + ".json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void publishedFieldsNeedNoWarning() throws JsonProcessingException {
    for (String published : List.of(DREAM, LLADA, A2D_QWEN3, FAST_DLLM, LLADA_MOE, LLADA2)) {
      assertEquals(List.of(), warnings(json(published)));
    }
    assertEquals(
        ModelConfig.of(ModelTemplate.of("fast-dllm-v2-1.5b")),
        ConfigClasses.parse(json(FAST_DLLM), "config.json"));
    assertEquals(PublishedModels.DREAM_7B, ConfigClasses.parse(json(DREAM), "config.json"));
    assertEquals(
        ModelConfig.of(ModelTemplate.of("qwen3-0.6b-a2d")),
        ConfigClasses.parse(json(A2D_QWEN3), "config.json"));
    assertEquals(
        ModelConfig.of(ModelTemplate.of("llada-moe-7b-a1b")),
        ConfigClasses.parse(json(LLADA_MOE), "config.json"));
    assertEquals(
        ModelConfig.of(ModelTemplate.of("llada2-mini")),
        ConfigClasses.parse(json(LLADA2), "config.json"));
    for (ModelTemplate template : ModelTemplate.all()) {
      assertEquals(List.of(), warnings(PublishedJson.config(ModelConfig.of(template))));
    }
  }

  /** What fine-tuning scripts and newer libraries add. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          _attn_implementation_autoset; true
          _commit_hash;                 "abc"
          dtype;                        "bfloat16"
          torch_dtype;                  "torch.bfloat16"
          unsloth_version;              "2025.1"
          attention_bias;               false
          do_sample;                    true
          temperature;                  0.2
          pruned_heads;                 {}
          layer_types;                  ["full_attention","full_attention"]
          use_mrope;                    false
          id2label;                     {"0":"LABEL_0"}
          rope_scaling;                 {"type":"default"}
          rope_scaling;                 {"rope_type":"linear","factor":1.0}
          rope_scaling;                 {"type":"yarn","factor":1,"original_max_position_embeddings":4096}
          rope_parameters;              {"rope_type":"default"}
          pad_token_id;                 -1
          eos_token_id;                 -1
          partial_rotary_factor;        1.0
          head_dim;                     128
          num_experts;                  0
          block_size;                   null
          quantization_config;          null
          """)
  void fieldsThatChangeNothingAreAcceptedQuietly(String field, String value)
      throws JsonProcessingException {
    for (String published : List.of(DREAM, LLADA)) {
      assertEquals(List.of(), warnings(json(published).set(field, JSON.readTree(value))));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          block_size;              32;   causal over blocks
          bd_size;                 32;   causal over blocks
          is_causal;               true; causal attention
          attention_window;        4096; attention within a window
          window_size;             [128,128]; attention within a window
          num_sink_tokens;         4;    sinks of attention
          use_parallel_residual;   true; beside each other
          num_nextn_predict_layers; 1;   predict further tokens
          rope_interleaved;        true; neighbouring pairs
          num_experts;             64;   mixture of experts
          n_routed_experts;        256;  mixture of experts
          qk_norm;                 true; norms on queries and keys
          partial_rotary_factor;   0.5;  a part of each head
          partial_rotary_factor;   "1";  a part of each head
          head_dim;                64;   head_dim is 64
          scaling_factor;          14.0; stretched rotary positions
          layer_types;             ["full_attention","sliding_attention"]; layers of several kinds
          use_sliding_window;      true; use_sliding_window
          final_logit_softcapping; 30.0; capped logits
          logit_scale;             0.06; scaled values
          clip_qkv;                8;    clipped queries
          vision_config;           {"depth":3}; images
          pruned_heads;            {"1":[0]}; cut out
          is_encoder_decoder;      true; encoder
          compression_config;      {"format":"int"}; compressed
          quantization_config;     {"quant_method":"awq","bits":4}; "awq"
          """)
  void fieldsThatChangeResultsAreRefusedByName(String field, String value, String meaning)
      throws JsonProcessingException {
    for (String published : List.of(DREAM, LLADA)) {
      ObjectNode json = json(published);
      json.set(field, JSON.readTree(value));
      String message = Refusal.of(() -> ConfigClasses.parse(json, "config.json"));
      assertTrue(message.contains(field) && message.contains(meaning), message);
    }
  }

  @Test
  void shiftMustBeTheFamilys() throws JsonProcessingException {
    assertEquals(List.of(), warnings(json(DREAM).put("right_shift_logits", true)));
    assertEquals(List.of(), warnings(json(LLADA).put("right_shift_logits", false)));
    assertRefused(json(DREAM).put("right_shift_logits", false), "right_shift_logits is false");
    assertRefused(json(LLADA).put("right_shift_logits", true), "right_shift_logits is true");
  }

  /** What changes the layers of Qwen-like models, by the class and by its own fields. */
  @Test
  void theClassSaysWhatItsLayersHave() throws JsonProcessingException {
    ObjectNode third = json(A2D_QWEN3).put("attention_bias", true);
    assertEquals(4, ConfigClasses.parse(third, "config.json").architecture().biased().size());
    ObjectNode second = json(A2D_QWEN3);
    second.putArray("architectures").add("A2DQwen2LMHeadModel");
    Architecture model = ConfigClasses.parse(second, "config.json").architecture();
    assertEquals(Set.of(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE), model.biased());
    assertFalse(model.queryKeyNorms());
    assertEquals(128, model.headDimension());
    second.remove("head_dim");
    assertEquals(64, ConfigClasses.parse(second, "config.json").architecture().headDimension());
    second.putArray("architectures").add("Qwen2ForCausalLM");
    assertEquals(1, ConfigClasses.parse(second, "config.json").architecture().logitShift());
    second.remove("mask_token_id");
    assertRefused(second, "as with models that write one token after the other");
    second.putArray("architectures").add("SDARForCausalLM");
    second.put("mask_token_id", 151_669).put("fuse_cross_entropy", true);
    model = ConfigClasses.parse(second, "config.json").architecture();
    assertEquals(OptionalInt.of(4), model.causalBlock());
    assertTrue(model.queryKeyNorms());
    second.put("block_size", 16);
    assertEquals(List.of(), warnings(second));
    assertEquals(
        OptionalInt.of(16),
        ConfigClasses.parse(second, "config.json").architecture().causalBlock());
    assertRefused(json(A2D_QWEN3).put("block_size", 32), "causal over blocks");
    assertRefused(json(A2D_QWEN3).put("right_shift_logits", true), "right_shift_logits is true");
  }

  /** What routes tokens to experts otherwise than the published classes do, or not as they say. */
  @Test
  void expertsAreReadOrRefused() throws JsonProcessingException {
    Experts moe = ConfigClasses.parse(json(LLADA_MOE), "x").architecture().experts().orElseThrow();
    assertEquals(Experts.softmax(64, 8, 1024), moe);
    ObjectNode shared = json(LLADA_MOE).put("shared_expert_intermediate_size", 2048);
    shared.withArrayProperty("moe_layer_freq").set(0, 0);
    assertEquals(
        moe.shared(2048, 1), ConfigClasses.parse(shared, "x").architecture().experts().get());
    shared.withArrayProperty("moe_layer_freq").set(5, 0);
    assertRefused(shared, "moe_layer_freq puts layers without experts behind");
    assertRefused(json(LLADA_MOE).put("num_hidden_layers", 17), "moe_layer_freq must say");
    assertRefused(json(LLADA_MOE).put("moe_layer_freq", 1), "moe_layer_freq must be a list");
    assertRefused(
        json(LLADA_MOE).put("moe_router_enable_expert_bias", true), "expert_bias is true");
    assertRefused(json(LLADA_MOE).put("moe_router_score_function", "sigmoid"), "only \"softmax\"");
    assertRefused(json(LLADA_MOE).put("norm_topk_prob", true), "norm_topk_prob is true");
    assertRefused(json(LLADA_MOE).put("clip_qkv", 8), "clipped queries");
    ObjectNode sizeless = json(LLADA_MOE);
    sizeless.remove("num_experts");
    assertRefused(sizeless, "num_experts is missing");
    assertRefused(json(LLADA2).put("n_group", 7), "no multiple of 7 groups");
    assertRefused(json(LLADA2).put("topk_group", 9), "9 groups of 8");
    assertRefused(json(LLADA2).put("num_experts", 1 << 24), "20 layers of 16777216 experts");
    assertRefused(json(LLADA2).put("rotary_dim", 32), "rotary_dim is 32");
    assertRefused(json(LLADA2).put("score_function", "softmax"), "only \"sigmoid\"");
    assertRefused(json(LLADA2).put("num_nextn_predict_layers", 1), "num_nextn_predict_layers");
    assertEquals(
        Set.of(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE, ModelPart.OUTPUT),
        ConfigClasses.parse(json(LLADA2).put("use_bias", true).put("use_qkv_bias", true), "x")
            .architecture()
            .biased());
  }

  @Test
  void otherNamesOfAFieldMustAgree() throws JsonProcessingException {
    assertEquals(List.of(), warnings(json(LLADA).put("hidden_size", 4096.0)));
    assertRefused(json(LLADA).put("hidden_size", 768), "hidden_size is 768");
    ObjectNode converted = json(LLADA).put("num_hidden_layers", 32);
    converted.remove("n_layers");
    assertRefused(converted, "calls it n_layers, which is missing");
    assertRefused(json(DREAM).put("n_heads", 4), "calls it num_attention_heads");
  }

  @Test
  void unknownFieldsMakeOneWarning() throws JsonProcessingException {
    ObjectNode json = json(DREAM).put("zeta", 1).put("eta\n", true);
    for (int i = 0; i < 40; i++) {
      json.put("theta" + i, i);
    }
    List<String> warnings = warnings(json);
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(warnings.get(0).contains("\"zeta\", \"eta\\n\", \"theta0\""), warnings.get(0));
    assertTrue(warnings.get(0).endsWith("and 22 more"), warnings.get(0));
  }

  @Test
  void idsThatTheModelHasNotAreNone() throws JsonProcessingException {
    ObjectNode json = json(DREAM).put("pad_token_id", 999_999).put("bos_token_id", -1);
    json.putArray("eos_token_id").add(7).add(152_064).add(-1);
    ConfigClasses.Reading reading = ConfigClasses.read(json, "config.json", MaskToken.Sources.NONE);
    ModelTokens tokens = reading.config().tokens();
    assertTrue(tokens.pad().isEmpty() && tokens.begin().isEmpty());
    assertEquals(7, tokens.end().orElseThrow());
    assertEquals(2, reading.warnings().size(), reading.warnings().toString());
    assertRefused(json.put("pad_token_id", "pad"), "pad_token_id must be a token id");
  }

  @Test
  void integersMayBeWrittenAsFractionsWithoutFraction() throws JsonProcessingException {
    ObjectNode json =
        json(DREAM).put("max_position_embeddings", 131_072.0).put("vocab_size", 1.52064e5);
    assertEquals(PublishedModels.DREAM_7B, ConfigClasses.parse(json, "config.json"));
    assertRefused(json.put("vocab_size", 152_064.5), "vocab_size");
    assertRefused(json.put("vocab_size", 1e300), "vocab_size");
  }

  @Test
  void swishIsSilu() throws JsonProcessingException {
    assertEquals(List.of(), warnings(json(DREAM).put("hidden_act", "swish")));
    assertEquals(List.of(), warnings(json(LLADA).put("activation_type", "swish")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SDARMoeForCausalLM",
        "A2DLlamaLMHeadModel",
        "LlamaForCausalLM",
        "Unheard\u001bOf"
      })
  void otherClassesAreRefusedByNameWhateverTheModelType(String architecture)
      throws JsonProcessingException {
    for (String type : List.of("llada", "Dream", "sdar")) {
      ObjectNode json = json(LLADA).put("model_type", type);
      json.putArray("architectures").add(architecture).add("LLaDAModelLM");
      assertRefused(json, architecture.replace("\u001b", "\\u001b"));
      json.remove("architectures");
      json.putObject("auto_map").put("AutoModel", "owner/name--modeling." + architecture);
      assertRefused(json, architecture.replace("\u001b", "\\u001b"));
    }
  }

  @Test
  void modelTypeAloneIsBelievedWithAWarning() throws JsonProcessingException {
    ObjectNode json = json(LLADA);
    json.remove(List.of("architectures", "auto_map"));
    List<String> warnings = warnings(json);
    assertEquals(1, warnings.size());
    assertTrue(warnings.get(0).contains("read as LLaDAModelLM"), warnings.get(0));
    assertRefused(json.put("num_experts_per_tok", 8), "mixture of experts");
  }

  /** A field that a family asks for is honoured, and must not be called anything else. */
  @Test
  void theListsDoNotOverlap() throws JsonProcessingException {
    for (ModelTemplate template : ModelTemplate.all()) {
      ModelFamily family = template.family();
      JsonFields fields = new JsonFields("config.json", json("{}")).of(template.modelClass());
      family.decoding(fields, family.architecture(fields));
      FieldNotes notes = fields.notes();
      TreeSet<String> twice = new TreeSet<>();
      for (Set<String> known :
          List.of(
              notes.read(),
              notes.harmless(),
              notes.otherNames().keySet(),
              CommonFields.RULES.harmless())) {
        known.stream()
            .filter(name -> known != notes.read() && notes.read().contains(name))
            .forEach(twice::add);
      }
      notes.otherNames().keySet().stream().filter(notes.harmless()::contains).forEach(twice::add);
      assertEquals(new TreeSet<>(), twice);
      assertTrue(notes.read().containsAll(notes.otherNames().values()));
    }
  }

  private static void assertRefused(ObjectNode json, String fault) {
    String message = Refusal.of(() -> ConfigClasses.parse(json, "config.json"));
    assertTrue(message.contains(fault), message);
  }

  private static List<String> warnings(JsonNode json) {
    return ConfigClasses.read(json, "config.json", MaskToken.Sources.NONE).warnings();
  }

  private static ObjectNode json(String text) throws JsonProcessingException {
    return (ObjectNode) JSON.readTree(text);
  }
}
