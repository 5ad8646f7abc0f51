package dev.sparsed.models;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.cache.CachePolicy;
import dev.sparsed.models.decoding.DecodingPolicy;
import dev.sparsed.models.decoding.ParallelDecoding;
import dev.sparsed.models.family.dream.DreamDecoding;
import dev.sparsed.models.family.llada.LladaDecoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Generations of every method, of different lengths, for one model. */
record MixedGenerations(DiffusionModel model, List<GenerationRequest> requests)
    implements AutoCloseable {

  static final List<String> MODELS = List.of("tiny-dream", "tiny-llada-gqa", "sdar");

  /** By how many tokens prompts differ in length. */
  private static final int LENGTH_STEP = 13;

  /** Loads a model in bf16 and makes sixteen requests for it. */
  static MixedGenerations load(String name, SharedPasses passes) {
    return load(name, passes, LENGTH_STEP);
  }

  /** The same with prompts of 3 tokens and of up to four such steps more. */
  static MixedGenerations load(String name, SharedPasses passes, int lengthStep) {
    Path folder =
        name.equals("sdar")
            ? Path.of("src/test/resources/goldens-qwen/sdar")
            : TinyModels.folder(name);
    DiffusionModel model =
        DiffusionModel.load(
            folder,
            TinyModels.options().withPrecision(Precision.BFLOAT16).withSharedPasses(passes));
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      requests.add(request(name, i, 3 + lengthStep * (i % 5)));
    }
    return new MixedGenerations(model, List.copyOf(requests));
  }

  private static GenerationRequest request(String name, int number, int length) {
    GenerationRequest.Builder request =
        GenerationRequest.builder()
            .prompt(prompt(name, number, length))
            .generationLength(16)
            .steps(16)
            .seed(number)
            .stopAt()
            .attention(AttentionPolicy.full());
    if (name.equals("sdar")) {
      return request.build();
    }
    request.sparsity(Sparsity.ALWAYS);
    boolean dream = name.equals("tiny-dream");
    switch (number % 8) {
      case 0 -> request.decoding(whole(dream));
      case 1 -> request.decoding(whole(dream)).attention(TinyModels.SPARSE_D).keepPatterns();
      case 2 -> request.decoding(blocks(dream, 0)).cache(CachePolicy.sparseDllm());
      case 3 -> request.decoding(blocks(dream, 0)).cache(CachePolicy.prefix());
      case 4 ->
          request
              .decoding(blocks(dream, 0))
              .cache(CachePolicy.dual())
              .attention(TinyModels.SPARSE_D);
      case 5 ->
          request.decoding(new ParallelDecoding(blocks(dream, 0), 0.2)).cache(CachePolicy.dual());
      case 6 ->
          request
              .decoding(blocks(dream, 1.5))
              .prompt(prompt(name, number + 100, 20))
              .cache(CachePolicy.dual());
      default ->
          request
              .decoding(blocks(dream, 0))
              .attention(TinyModels.SPARSE_D)
              .prompt(prompt(name, number + 200, 9));
    }
    return request.build();
  }

  private static int[] prompt(String name, int seed, int length) {
    int[] prompt = TinyModels.prompt(seed, length);
    if (name.equals("sdar")) {
      for (int i = 0; i < length; i++) {
        prompt[i] %= 80;
      }
    }
    return prompt;
  }

  private static DecodingPolicy whole(boolean dream) {
    return dream
        ? DreamDecoding.DEFAULT.withTemperature(0.4)
        : LladaDecoding.DEFAULT.withTemperature(0.4).withBlockLength(16);
  }

  private static DecodingPolicy blocks(boolean dream, double guidance) {
    return dream
        ? TinyModels.GREEDY.withBlocks(DreamDecoding.Blocks.of(8))
        : LladaDecoding.DEFAULT.withBlockLength(8).withGuidance(guidance);
  }

  /** What the requests give one after the other. */
  List<List<List<Integer>>> serial() {
    return requests.stream().map(request -> model.generate(request).sequences()).toList();
  }

  /** What they give at the same time. */
  List<GenerationResult> together() throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(requests.size());
    try {
      List<Future<GenerationResult>> results = new ArrayList<>();
      for (GenerationRequest request : requests) {
        results.add(threads.submit(() -> model.generate(request)));
      }
      List<GenerationResult> all = new ArrayList<>();
      for (Future<GenerationResult> result : results) {
        all.add(Objects.requireNonNull(result.get()));
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
