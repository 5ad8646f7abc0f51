package dev.sparsed.models;

/**
 * A loaded model in a few numbers.
 *
 * @param modelClass the published name of the class, such as {@code DreamModel}
 * @param parameters number of weights
 * @param weightBytes memory of the weights
 * @param precision format of weights and activations
 * @param device where the model computes
 * @param attention name of the attention backend
 */
public record ModelDescription(
    String modelClass,
    long parameters,
    long weightBytes,
    Precision precision,
    ComputeDevice device,
    String attention) {}
