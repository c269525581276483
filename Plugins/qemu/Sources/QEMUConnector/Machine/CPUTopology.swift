import ConnectorProtocol

/// Sockets, cores and threads that multiply to the number of processors.
struct CPUTopology: Hashable, Sendable {
  var count: Int
  var sockets: Int
  var cores: Int
  var threads: Int

  /// What the source said, where it divides the number; otherwise one socket of single-threaded cores.
  init(_ cpu: MachineDescription.CPU) {
    count = max(1, cpu.count)
    let threads = max(1, cpu.threadsPerCore ?? 1)
    let cores = max(1, cpu.coresPerSocket ?? count / threads)
    let perSocket = cores.multipliedReportingOverflow(by: threads)
    if !perSocket.overflow, perSocket.partialValue <= count, count % perSocket.partialValue == 0 {
      (sockets, self.cores, self.threads) = (count / perSocket.partialValue, cores, threads)
    } else {
      (sockets, self.cores, self.threads) = (1, count, 1)
    }
  }
}
