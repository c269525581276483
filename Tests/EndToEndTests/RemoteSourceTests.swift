import ConnectorTesting
import Foundation
import Support
import Testing

/// Backups whose disks lie on a platform: read through its connector, restored elsewhere.
@Suite(
  .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: Amazon.isThere, "needs scripts/test-tools"))
struct RemoteSourceTests {
  private static let gibibyte = 1024

  /// A disk of 1 GiB, sparse, and the snapshot that boto3 makes of it.
  private func snapshot(_ amazon: Amazon, _ program: Program, _ name: String) async throws -> (id: String, raw: String)
  {
    let sample = try await SampleBackup(
      in: program.folder + "/" + name, format: "raw", sizeMiB: Self.gibibyte, dataMiB: 8)
    return (try await amazon.snapshot(of: sample.raw), sample.raw)
  }

  private func identical(_ one: String, _ other: String) async throws -> Bool {
    let result = try await Tool.run("qemu-img", ["compare", "-f", "raw", "-F", "raw", one, other])
    return String(decoding: result.standardOutput, as: UTF8.self).contains("Images are identical")
  }

  @Test func snapshotsAreRestoredElsewhereByteForByte() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let system = try await snapshot(amazon, program, "system")
    let data = try await snapshot(amazon, program, "data")
    try await amazon.add(to: program)
    try await program.addTarget()
    try await amazon.forgetRequests()
    let address = "ebs://\(system.id),\(data.id)"
    let added = try await program.run(
      "backups", "add", address, "--target", "amazon", "--name", "web", "--cpus", "2", "--memory", "1GiB",
      "--firmware", "bios", "--no-inspect", "--json"
    ).json()
    #expect(added["path"] as? String == address)
    #expect(added["source_platform"] as? String == "aws")
    #expect(!String(describing: added).contains(amazon.secretAccessKey))
    // Only the first sectors were looked at, where they hold anything.
    #expect(try await amazon.count("GetSnapshotBlock") <= 2)

    let report = try await program.run(
      "restore", "web", "--to", "here", "--prepare", "never", "--no-start", "--json"
    ).json()
    #expect((report["job"] as? [String: Any])?["status"] as? String == "completed")
    #expect(try await identical(program.machines + "/web/disk0.raw", system.raw))
    #expect(try await identical(program.machines + "/web/disk1.raw", data.raw))
    // Eight runs of a MiB a disk, which are at most 24 blocks each; none of them was fetched twice.
    let fetched = try await amazon.blocksFetched()
    #expect(fetched.count <= 50)
    #expect(fetched.values.allSatisfy { $0 <= 2 }, "\(fetched)")

    let digest = try await program.run("backups", "digest", "web:1", "--json").json()
    let file = try await program.run("backups", "digest", data.raw, "--format", "raw", "--json").json()
    #expect(Self.digest(digest) == Self.digest(file))
    #expect(Self.digest(digest) != nil)
    try await program.run("backups", "verify", "web")
    try await program.run("targets", "rm", "amazon", expecting: 1)
    #expect(try await program.processes().isEmpty)
  }

  private static func digest(_ document: [String: Any]) -> String? {
    let disk = (document["disks"] as? [[String: Any]])?.first
    return (disk?["content"] as? [String: Any])?["digest"] as? String
  }

  /// The connector that reads is killed in the middle of a transfer: another takes its place, and the job ends well.
  @Test func aConnectorThatDiesIsReplaced() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let sample = try await SampleBackup(in: program.folder + "/big", format: "raw", sizeMiB: 1024, dataMiB: 200)
    let id = try await amazon.snapshot(of: sample.raw)
    try await amazon.add(to: program)
    try await program.addTarget()
    try await program.run(
      "backups", "add", "ebs://\(id)", "--name", "web", "--firmware", "bios", "--no-inspect")
    try await amazon.forgetRequests()
    try await amazon.slowDown("ebs.GetSnapshotBlock", seconds: 1)
    let host = try program.start("restore", "web", "--to", "here", "--prepare", "never", "--no-start")
    try await eventually(seconds: 90) { try await amazon.count("GetSnapshotBlock") > 40 }
    #expect(try program.killProcesses(in: "source-connector") == 1)
    try await amazon.slowDown("ebs.none", seconds: 0)
    #expect(host.waitForEnd() == 0)
    #expect(try await identical(program.machines + "/web/disk0.raw", sample.raw))
    let job = try #require(try await program.run("jobs", "list", "--json").list().first?["id"] as? String)
    let log = try await program.run("jobs", "report", job).output
    #expect(log.contains("ended while they were needed"), "\(log)")
  }

  @Test func whatCannotBeOpenedIsSaid() async throws {
    let program = try Program()
    let amazon = try Amazon()
    let none = try await program.run("backups", "add", "ebs://snap-0123456789abcdef0", "--json", expecting: 1)
    #expect(none.errorCode == "backup.targetNeeded")
    try await amazon.add(to: program)
    let gone = try await program.run("backups", "add", "ebs://snap-0123456789abcdef0", "--json", expecting: 1)
    #expect(gone.errorCode == "connector.notFound")
    let unread = try await program.run("backups", "add", "gopher://x", "--json", expecting: 1)
    #expect(unread.errorCode == "backup.unsupported")
    try await program.addTarget()
    let other = try await program.run(
      "backups", "add", "ebs://snap-0123456789abcdef0", "--target", "here", "--json", expecting: 1)
    #expect(other.errorCode == "backup.unsupported")
    try await program.run("backups", "add", program.folder, "--target", "amazon", expecting: 2)
    #expect(try await program.run("backups", "list", "--json").list().isEmpty)
  }
}

extension Program {
  /// Kills what works in a folder of this name below the program's own; how many there were.
  fileprivate func killProcesses(in name: String) throws -> Int {
    let files = FileManager.default
    let found = try files.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter { id in
      let place = try? files.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")
      return place.map { $0.hasPrefix(folder) && $0.hasSuffix("/" + name) } ?? false
    }
    for id in found { kill(id, SIGKILL) }
    return found.count
  }
}

extension Amazon {
  /// Makes a snapshot of a raw disk of whole GiB with boto3, another client than ours; its id.
  func snapshot(of raw: String) async throws -> String {
    let output = try await Tool.output(
      Self.python, [Self.endpoints + "/make_snapshot.py", url, accessKeyId, secretAccessKey, raw])
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func forgetRequests() async throws { try await post("/-/clear", "null") }

  fileprivate func slowDown(_ operation: String, seconds: Double) async throws {
    let rule = #"{"match": "\#(operation)", "times": 0, "action": "delay", "seconds": \#(seconds)}"#
    try await post("/-/rules", "[\(rule)]")
  }

  private func post(_ path: String, _ body: String) async throws {
    try await Tool.output("curl", ["-sS", "--fail", "--noproxy", "*", "--data-binary", body, url + path])
  }

  private func requests() async throws -> [[String: Any]] {
    let output = try await Tool.output("curl", ["-sS", "--fail", "--noproxy", "*", url + "/-/log"])
    return try #require(try JSONSerialization.jsonObject(with: output) as? [[String: Any]])
  }

  fileprivate func count(_ operation: String) async throws -> Int {
    try await requests().filter { $0["operation"] as? String == operation }.count
  }

  /// How often each block was asked for, by its path.
  func blocksFetched() async throws -> [String: Int] {
    let paths = try await requests().filter { $0["operation"] as? String == "GetSnapshotBlock" }
      .compactMap { $0["path"] as? String }
    return Dictionary(paths.map { ($0, 1) }, uniquingKeysWith: +)
  }
}
