/**
 * Diffusion models as LangChain4j's chat models, in the same process.
 *
 * <p>{@link dev.sparsed.langchain4j.DiffusionChatModel} answers at once, {@link
 * dev.sparsed.langchain4j.DiffusionStreamingChatModel} while the answer comes to be. What a request
 * asks for is done or refused by name; nothing is passed over. How text becomes settled is the
 * matter of {@code dev.sparsed.models.answer}.
 */
@NullMarked
package dev.sparsed.langchain4j;

import org.jspecify.annotations.NullMarked;
