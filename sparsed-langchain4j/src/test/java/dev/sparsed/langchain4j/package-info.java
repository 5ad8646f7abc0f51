/** Tests of the chat models, LangChain4j's own among them. */
@NullMarked
package dev.sparsed.langchain4j;

import org.jspecify.annotations.NullMarked;
