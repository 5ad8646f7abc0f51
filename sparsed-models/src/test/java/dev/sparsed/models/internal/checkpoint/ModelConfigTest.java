package dev.sparsed.models.internal.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.ModelConfig;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          block_type;               "sequential"; block_type
          layer_norm_type;          "default"; layer_norm_type
          activation_type;          "swiglu"; activation_type
          activation_type;          "gelu"; activation_type
          rope;                     false; rope
          rope_full_precision;      false; rope_full_precision
          alibi;                    true; alibi
          attention_layer_norm;     true; attention_layer_norm
          layer_norm_with_affine;   false; layer_norm_with_affine
          include_bias;             true; include_bias
          include_qkv_bias;         true; include_qkv_bias
          bias_for_layer_norm;      true; bias_for_layer_norm
          input_emb_norm;           true; input_emb_norm
          scale_logits;             true; scale_logits
          block_group_size;         4; block_group_size
          multi_query_attention;    true; multi_query_attention
          rope_scaling;             {"type":"longrope","factor":2.0}; rope_scaling of type "longrope"
          rope_scaling;             {"type":"linear","factor":0.5}; factor must be a number of at least 1
          quantization_config;      {"quant_method":"gptq"}; quantization_config
          embedding_size;           126336; embedding_size
          n_heads;                  0; n_heads
          n_heads;                  31; no multiple of 31 heads
          n_kv_heads;               5; no multiple of 5 key/value heads
          d_model;                  "wide"; d_model
          d_model;                  99999999999; d_model
          n_layers;                 1000000; n_layers
          rope_theta;               -1; rope_theta
          rms_norm_eps;             "tiny"; rms_norm_eps
          mask_token_id;            126464; mask_token_id
          torch_dtype;              "int8"; torch_dtype
          """)
  void unsupportedLladaSettingsAreRefusedByName(String field, String value, String fault)
      throws JsonProcessingException {
    assertRefused(PublishedJson.config(PublishedModels.LLADA_8B), field, value, fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          hidden_act;               "gelu"; hidden_act
          rope_parameters;          {"rope_type":"llama3","factor":8.0}; rope_parameters of type "llama3"
          rope_parameters;          {"rope_type":"default","factor":2.0}; without a type that uses it
          rope_parameters;          {"rope_type":"linear","factor":2.0,"attention_factor":2.0}; attention_factor
          rope_parameters;          {"rope_type":"yarn","factor":2.0,"beta_fast":1,"beta_slow":2}; ramp
          rope_parameters;          {"rope_type":"yarn","factor":2.0,"long_factor":[1]}; long_factor
          rope_parameters;          {"rope_theta":5e5}; rope_theta is given twice
          rope_parameters;          {"rope_theta":"big"}; rope_parameters.rope_theta
          rope_parameters;          {"full_attention":{"rope_theta":1e6}}; full_attention
          rope_parameters;          {"partial_rotary_factor":0.5}; partial_rotary_factor
          rope_parameters;          7; rope_parameters must be an object
          eos_token_id;             ["end"]; eos_token_id
          use_sliding_window;       true; use_sliding_window
          rope_scaling;             {"rope_type":"su","factor":4.0}; rope_scaling
          num_attention_heads;      27; no multiple of 27 heads
          num_key_value_heads;      3; no multiple of 3 key/value heads
          hidden_size;              3585; no multiple of 28 heads
          vocab_size;               -1; vocab_size
          mask_token_id;            152064; mask_token_id
          """)
  void unsupportedDreamSettingsAreRefusedByName(String field, String value, String fault)
      throws JsonProcessingException {
    assertRefused(PublishedJson.config(PublishedModels.DREAM_7B), field, value, fault);
  }

  private static void assertRefused(ObjectNode json, String field, String value, String fault)
      throws JsonProcessingException {
    json.set(field, JSON.readTree(value));
    String message = Refusal.of(() -> ConfigClasses.parse(json, "config.json"));
    assertTrue(message.startsWith("config.json cannot be used"), message);
    assertTrue(message.contains(fault), message);
  }

  @Test
  void allUnsupportedSettingsComeInOneMessage() {
    ObjectNode json = PublishedJson.config(PublishedModels.LLADA_8B);
    json.put("alibi", true).put("rope", false).put("block_type", "parallel");
    String message = Refusal.of(() -> ConfigClasses.parse(json, "config.json"));
    assertTrue(message.contains("alibi is true") && message.contains("rope is false"), message);
    assertTrue(message.contains("block_type is \"parallel\""), message);
  }

  @Test
  void absentFieldsTakeThePublishedDefaults() throws JsonProcessingException {
    ModelConfig dream = parse("{\"model_type\":\"Dream\"}");
    assertEquals(4096, dream.architecture().hiddenSize());
    assertEquals(151_936, dream.architecture().vocabularySize());
    assertEquals(151_666, dream.maskToken());
    assertEquals(10_000, dream.architecture().rotary().base());
    ModelConfig llada =
        parse(
            """
            {"model_type": "llada", "block_type": "llama", "layer_norm_type": "rms", "activation_type": "silu",
             "rope": true, "vocab_size": 126464, "embedding_size": null}
            """);
    assertEquals("LLaDAModelLM", llada.modelClass());
    assertEquals(126_336, llada.maskToken());
    assertEquals(768 * 4, llada.architecture().feedForwardSize());
    assertEquals(12, llada.architecture().kvHeads());
    assertEquals(126_464, llada.architecture().embeddingRows());
    assertTrue(llada.architecture().tiedHead());
  }

  @Test
  void theRotationsBaseMayLieInAnObject() throws JsonProcessingException {
    String both = "{\"model_type\":\"Dream\",\"rope_theta\":5e5,\"rope_parameters\":%s}";
    String parameters = "{\"rope_type\":\"default\",\"rope_theta\":5e5}";
    assertEquals(
        5e5, parse(String.format(Locale.ROOT, both, parameters)).architecture().rotary().base());
    assertEquals(
        5e5,
        parse("{\"model_type\":\"Dream\",\"rope_parameters\":" + parameters + "}")
            .architecture()
            .rotary()
            .base());
    assertEquals(5e5, parse(String.format(Locale.ROOT, both, "{}")).architecture().rotary().base());
  }

  @Test
  void severalTokensMayEndAText() throws JsonProcessingException {
    for (ObjectNode json :
        List.of(
            PublishedJson.config(PublishedModels.DREAM_7B),
            PublishedJson.config(PublishedModels.LLADA_8B))) {
      json.set("eos_token_id", JSON.readTree("[7, 9]"));
      ModelConfig config = ConfigClasses.parse(json, "config.json");
      assertEquals(OptionalInt.of(7), config.tokens().end());
      assertEquals(List.of(7, 9), defaults(config, json).endTokens());
    }
  }

  @Test
  void multiQueryAttentionMeansOneKeyValueHead() {
    ObjectNode json = PublishedJson.config(PublishedModels.LLADA_8B);
    json.put("multi_query_attention", true).putNull("n_kv_heads");
    assertEquals(1, ConfigClasses.parse(json, "config.json").architecture().kvHeads());
  }

  @Test
  void otherModelClassesAreRefusedByName() {
    assertTrue(
        Refusal.of(
                () -> parse("{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llada\"}"))
            .contains("LlamaForCausalLM"));
    assertTrue(Refusal.of(() -> parse("{}")).contains("DreamModel, LLaDAModelLM"));
  }

  @Test
  void tiedEmbeddingsHaveNoHeadOfTheirOwn() {
    ObjectNode json = PublishedJson.config(PublishedModels.DREAM_7B);
    json.put("tie_word_embeddings", true);
    ModelLayout layout = ModelLayout.of(ConfigClasses.parse(json, "config.json"));
    assertEquals(layout.embedding(), layout.head());
    assertTrue(
        layout.tensors().stream()
            .noneMatch(spec -> spec.required() && spec.name().equals("lm_head.weight")));
  }

  @Test
  void generationDefaultsComeFromTheModelConfiguration() throws JsonProcessingException {
    ObjectNode json = PublishedJson.config(PublishedModels.DREAM_7B);
    json.put("temperature", 0.2).putNull("top_k").remove("eos_token_id");
    GenerationConfig generation =
        GenerationConfig.of(
            PublishedModels.DREAM_7B,
            new JsonFields("config.json", json),
            new JsonFields(
                "generation_config.json",
                JSON.readTree("{\"eos_token_id\":[1,2],\"temperature\":0.9}")),
            List.of(2, 3, 999_999));
    assertEquals(0.2, decoding(generation).temperature());
    assertEquals(OptionalInt.empty(), decoding(generation).topK());
    assertEquals(OptionalDouble.of(1.0), decoding(generation).topP());
    assertEquals(List.of(1, 2, 3), generation.endTokens());
    assertEquals(151_666, generation.maskToken());
  }

  @Test
  void generationDefaultsThatNothingCanGenerateWithAreRefusedByName() {
    assertRefusedDefault("alg", "\"p2\"", json -> json.put("alg", "p2"));
    assertRefusedDefault("eps", "0", json -> json.put("eps", 0));
    assertRefusedDefault("eps", "1.5", json -> json.put("eps", 1.5));
    assertRefusedDefault("eps", "\"small\"", json -> json.put("eps", "small"));
    assertRefusedDefault("top_k", "0", json -> json.put("top_k", 0));
    assertRefusedDefault("top_p", "-0.1", json -> json.put("top_p", -0.1));
  }

  private static void assertRefusedDefault(
      String field, String value, Consumer<ObjectNode> change) {
    ObjectNode json = PublishedJson.config(PublishedModels.DREAM_7B);
    change.accept(json);
    String message = Refusal.of(() -> dreamDefaults(json));
    assertTrue(message.startsWith("config.json cannot be used: " + field + " must be"), message);
    assertTrue(message.endsWith("but is " + value), message);
  }

  @Test
  void everyPublishedAlgorithmAndEveryTopPFromOneOnIsADefault() {
    for (DreamDecoding.Algorithm algorithm : DreamDecoding.Algorithm.values()) {
      ObjectNode json = PublishedJson.config(PublishedModels.DREAM_7B);
      json.put("alg", algorithm.publishedName()).put("top_p", 1.2);
      GenerationConfig generation = dreamDefaults(json);
      assertEquals(algorithm, decoding(generation).algorithm());
      assertEquals(OptionalDouble.of(1), decoding(generation).topP());
    }
  }

  private static DreamDecoding decoding(GenerationConfig generation) {
    return (DreamDecoding) generation.decoding().ofCheckpoint(32, CachePolicy.none());
  }

  private static GenerationConfig dreamDefaults(ObjectNode json) {
    return defaults(PublishedModels.DREAM_7B, json);
  }

  private static GenerationConfig defaults(ModelConfig config, ObjectNode json) {
    return GenerationConfig.of(
        config,
        new JsonFields("config.json", json),
        new JsonFields("generation_config.json", JSON.createObjectNode()),
        List.of());
  }

  private static ModelConfig parse(String json) throws JsonProcessingException {
    return ConfigClasses.parse(JSON.readTree(json), "config.json");
  }
}
