import Foundation
import Support
import Testing

/// A chain of increments beside a platform's own description: any of its states is planned, checked and restored.
@Suite(.enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"))
struct RestorePointTests {
  /// A folder with the chain, and the content of each state as a raw file out of it.
  private func backup(_ program: Program) async throws -> (folder: String, contents: [String]) {
    let folder = program.folder + "/increments"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var contents: [String] = []
    for (place, label) in ["full", "inc1", "inc2"].enumerated() {
      let image = "\(folder)/vol-1.\(label).qcow2"
      let below =
        place > 0 ? ["-b", "/mnt/pool/vol-1.\(["full", "inc1", "inc2"][place - 1]).qcow2", "-F", "qcow2", "-u"] : []
      try await Tool.output("qemu-img", ["create", "-q", "-f", "qcow2"] + below + [image, "4M"])
      let content = "\(program.folder)/state\(place).raw"
      if place > 0 { try FileManager.default.copyItem(atPath: contents[place - 1], toPath: content) }
      try await Tool.output("truncate", ["-s", "4M", content])
      let write = "write -q -P \(33 + place) \(place * 192)k 256k"
      // Whole clusters: nothing of the base is read, whose name leads nowhere here.
      let node =
        "json:{\"driver\": \"qcow2\", \"file\": {\"driver\": \"file\", \"filename\": \"\(image)\"}, \"backing\": null}"
      try await Tool.output("qemu-io", ["-c", write, node])
      try await Tool.output("qemu-io", ["-f", "raw", "-c", write, content])
      contents.append(content)
    }
    let description = """
      {"name": "db", "metadata": {"kind": "vm", "uuid": "aaaaaaaa-1111-4222-8333-444444444444"}, "spec": {"name": "db",
       "resources": {"num_sockets": 1, "num_vcpus_per_socket": 1, "memory_size_mib": 256,
        "disk_list": [{"uuid": "vol-1", "device_properties": {"disk_address": {"adapter_type": "SCSI", "device_index": 0}}}],
        "nic_list": [{"mac_address": "50:6b:8d:00:11:22", "subnet_reference": {"name": "n"}}]}}}
      """
    try Data(description.utf8).write(to: URL(fileURLWithPath: folder + "/vm.json"))
    return (folder, contents)
  }

  @Test func anyPointIsRestored() async throws {
    let program = try Program()
    let (folder, contents) = try await backup(program)
    try await program.addTarget()
    let added = try await program.run("backups", "add", folder, "--name", "db").output
    #expect(added.contains("@full") && added.contains("@inc2"))
    let list = try await program.run("backups", "list", "--json").list()
    #expect(list.first?["points"] as? Int == 3)
    let plan = try await program.run("plan", "db@full", "--to", "here", "--prepare", "never", "--json").json()
    #expect((plan["backup"] as? [String: Any])?["name"] as? String == "db@full")

    for (reference, content, name) in [
      ("db@full", contents[0], "a"), ("db@inc1", contents[1], "b"), ("db", contents[2], "c"),
      ("db@inc2", contents[2], "d"),
    ] {
      try await program.run(
        "restore", reference, "--to", "here", "--prepare", "never", "--no-start", "--name", name)
      let disk = program.machines + "/\(name)/disk0.raw"
      let same = try await Tool.run("qemu-img", ["compare", "-f", "raw", "-F", "raw", content, disk])
      #expect(same.exitCode == 0, "\(reference)")
    }
  }

  @Test func eachPointHasItsDigest() async throws {
    let program = try Program()
    let (folder, contents) = try await backup(program)
    try await program.run("backups", "add", folder, "--name", "db", "--digest")
    for (reference, content) in [("db@full", contents[0]), ("db@inc1:0", contents[1]), ("db", contents[2])] {
      let point = try await program.run("backups", "digest", reference, "--json").json()
      let file = try await program.run("backups", "digest", content, "--format", "raw", "--json").json()
      func digest(_ answer: [String: Any]) -> String? {
        ((answer["disks"] as? [[String: Any]])?.first?["content"] as? [String: Any])?["digest"] as? String
      }
      #expect(digest(point) != nil)
      #expect(digest(point) == digest(file), "\(reference)")
    }
    for reference in ["db", "db@full"] {
      let checks = try await program.run("backups", "verify", reference, "--json").json()["checks"] as? [[String: Any]]
      #expect(checks?.contains { $0["kind"] as? String == "content" && $0["outcome"] as? String == "passed" } == true)
      #expect(checks?.filter { $0["kind"] as? String == "image" }.count == 3)
    }
    // A state whose increment was changed is noticed, and a point that there is none of is refused.
    try await Tool.output(
      "sh", ["-c", "printf x | dd of='\(folder)/vol-1.full.qcow2' bs=1 seek=400000 conv=notrunc 2>/dev/null"])
    try await program.run("backups", "verify", "db@full", expecting: 1)
    let unknown = try await program.run("backups", "show", "db@nothing", "--json", expecting: 1)
    #expect(unknown.errorCode == "backup.pointUnknown")
    #expect(unknown.error.contains("full"))
  }

  @Test func theIdentityIsKeptOrRenewed() async throws {
    let program = try Program()
    let (folder, _) = try await backup(program)
    try await program.addTarget()
    try await program.run("backups", "add", folder, "--name", "db")
    for (options, keeps) in [([], true), (["--identity", "keep"], true), (["--identity", "renew"], false)] {
      let plan = try await program.run(["plan", "db", "--to", "here", "--prepare", "never", "--json"] + options)
      #expect(plan.output.contains("50:6b:8d:00:11:22") == keeps)
      #expect(plan.output.lowercased().contains("aaaaaaaa-1111-4222-8333-444444444444") == keeps)
    }
    try await program.run("plan", "db", "--to", "here", "--identity", "perhaps", expecting: 2)
    let map = program.folder + "/map.json"
    try Data(#"{"identity": "perhaps"}"#.utf8).write(to: URL(fileURLWithPath: map))
    let wrong = try await program.run("plan", "db", "--to", "here", "--map", map, "--json", expecting: 1)
    #expect(wrong.errorCode == "config.invalid")
  }

  @Test func disksAloneAreCompletedByOptions() async throws {
    let program = try Program()
    try await program.addTarget()
    let first = program.folder + "/first.qcow2"
    let second = program.folder + "/second.raw"
    try await Tool.output("qemu-img", ["create", "-q", "-f", "qcow2", first, "4M"])
    try await Tool.output("truncate", ["-s", "1M", second])
    let added = try await program.run(
      "backups", "add", first, second, "--no-inspect", "--cpus", "3", "--memory", "512MiB", "--firmware", "uefi",
      "--json"
    ).json()
    let backup = try #require(added["backup"] as? [String: Any])
    let machine = try #require(backup["machine"] as? [String: Any])
    #expect((machine["disks"] as? [Any])?.count == 2)
    #expect((machine["cpu"] as? [String: Any])?["count"] as? Int == 3)
    #expect(machine["memoryBytes"] as? Int == 512 << 20)
    #expect((machine["firmware"] as? [String: Any])?["type"] as? String == "uefi")
    try await program.run("backups", "verify", "first")
    let address = try await program.run("backups", "add", "ebs://snap-0a", "--json", expecting: 1)
    #expect(address.errorCode == "backup.targetNeeded")
    try await program.run("backups", "add", first, "--memory", "much", expecting: 2)
    try await program.run("backups", "add", first, "--cpus", "0", expecting: 2)
  }
}
