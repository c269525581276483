import ArgumentParser
import ConnectorDisk

/// Reads all that a disk holds, and throws it away.
struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "read", abstract: "Read an NBD export")

  @Argument var uri: String
  @Flag(help: "Reckon the content digest on the way, and print it") var digest = false

  func run() async throws {
    let reader = try await DiskReader.open(uri)
    let digester = digest ? ContentDigester(sizeBytes: reader.sizeBytes) : nil
    let totals = try await reader.forEachChunk(digester: digester) { _ in }
    print(totals.bytesRead, digester?.text ?? "")
  }
}
