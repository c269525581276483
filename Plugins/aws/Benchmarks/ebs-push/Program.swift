import AWSClient
import AWSConnector
import Foundation

/// The connector's sending of blocks by itself, for Benchmarks/run: blocks that are files already, and hashed.
///
/// `ebs-push ENDPOINT LIST`: a line of LIST is a block's index, its SHA-256 in Base64, and the path of its 512 KiB.
@main
enum Program {
  private struct Entry {
    var index: Int64
    var digest: [UInt8]
    var path: String

    init?(_ line: Substring) {
      let parts = line.split(separator: " ", maxSplits: 2)
      guard parts.count == 3, let index = Int64(parts[0]), let digest = Data(base64Encoded: String(parts[1])) else {
        return nil
      }
      (self.index, self.digest, path) = (index, [UInt8](digest), String(parts[2]))
    }
  }

  static func main() async throws {
    guard CommandLine.arguments.count == 3 else {
      FileHandle.standardError.write(Data("usage: ebs-push ENDPOINT LIST\n".utf8))
      exit(2)
    }
    let list = try String(contentsOfFile: CommandLine.arguments[2], encoding: .utf8)
    let entries = list.split(separator: "\n").compactMap(Entry.init)
    let client = AWSClient(
      credentials: FixedCredentials(keys: AWSCredentials(accessKeyId: "bench", secretAccessKey: "bench")),
      endpoints: AWSEndpoints(region: "us-east-1", endpoint: CommandLine.arguments[1]))
    let sender = BlockSender(ebs: EBS(api: client), snapshot: "snap-0", limit: AdaptiveLimit(), youngUntil: .now)
    try await withThrowingTaskGroup(of: Void.self) { group in
      let atOnce = Int(AdaptiveLimit.start)
      for worker in 0..<atOnce {
        group.addTask {
          for entry in stride(from: worker, to: entries.count, by: atOnce).lazy.map({ entries[$0] }) {
            let data = try Data(contentsOf: URL(filePath: entry.path))
            try await sender.send(Block(index: entry.index, data: data, digest: entry.digest))
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
