package dev.sparsed.cuda;

import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionBackendContract;
import dev.sparsed.reference.FloatTensor;
import dev.sparsed.tensor.ElementType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract of attention backends on the emulated device, for one element type. */
abstract class EmulatedContract extends AttentionBackendContract<CudaTensor> {

  private final ElementType type;
  private EmulatedDriver driver;
  private CudaBackend backend;

  EmulatedContract(ElementType type) {
    this.type = type;
  }

  @BeforeAll
  void startDevice() {
    driver = EmulatedDriver.start();
    backend = new CudaBackend(driver.attention());
  }

  @AfterAll
  void stopDevice() {
    if (driver != null) {
      driver.close();
    }
  }

  @Override
  protected AttentionBackend<CudaTensor> backend() {
    return backend;
  }

  @Override
  protected CudaTensor tensor(FloatTensor values) {
    return backend.upload(values, type);
  }

  @Override
  protected FloatTensor download(CudaTensor tensor) {
    return tensor.download();
  }

  @Override
  protected void release(CudaTensor tensor) {
    tensor.close();
  }
}
