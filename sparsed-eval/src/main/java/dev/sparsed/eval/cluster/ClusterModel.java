package dev.sparsed.eval.cluster;

import dev.sparsed.models.ModelOptions;
import java.util.Optional;

/**
 * The model that each machine loads itself.
 *
 * @param path a folder that every machine sees, or a repository in its Hugging Face cache; empty
 *     for the small demo model
 * @param options how to load it
 */
public record ClusterModel(Optional<String> path, ModelOptions options) {}
