import Foundation
import Support
import Testing

/// `boot-check` as its users run it, with disks that have nothing but a boot sector: seconds each, whatever the computer.
@Suite(
  .enabled(if: Program.isBuilt, "needs the tree that `make build` leaves"),
  .enabled(if: LabGuest.isWanted, "boots are left out"))
struct BootCheckGuestTests {
  /// A backup whose disk says `text` on the serial port at its start, and halts.
  private func backup(_ name: String, saying text: String, in program: Program) async throws -> String {
    let sample = try await SampleBackup(in: program.folder, name: name, format: "raw", sizeMiB: 16)
    // xor ax, ax; mov ds, ax; mov si, 0x7c40; lodsb; test al, al; jz to cli; mov dx, 0x3f8; out dx, al; jmp to lodsb;
    // cli; hlt; jmp to hlt
    let code: [UInt8] = [
      0x31, 0xc0, 0x8e, 0xd8, 0xbe, 0x40, 0x7c, 0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5, 0xfa,
      0xf4, 0xeb, 0xfd,
    ]
    let start = code + [UInt8](repeating: 0, count: 0x40 - code.count) + Array(text.utf8)
    let sector = start + [UInt8](repeating: 0, count: 510 - start.count) + [0x55, 0xaa]
    let disk = try FileHandle(forUpdating: URL(fileURLWithPath: sample.folder + "/disk0.raw"))
    try disk.write(contentsOf: Data(sector))
    try disk.close()
    try await program.run("backups", "add", sample.folder)
    return sample.folder
  }

  @Test func aDiskThatComesUpIsProvenAndNothingIsKeptButEvidence() async throws {
    let program = try Program()
    let folder = try await backup("up", saying: "lab login: ", in: program)
    let before = try await Tool.output("sha256sum", [folder + "/disk0.raw"])
    let report = try await program.run("boot-check", "up", "--for", "qemu", "--prepare", "never", "--json").json()
    let proof = try #require(report["proof"] as? [String: Any])
    #expect(proof["verdict"] as? String == "proven" && proof["ending"] as? String == "login")
    #expect((proof["reason"] as? String)?.contains("lab login:") == true)
    for kept in ["serialLog", "screenshot"] {
      let path = try #require(proof[kept] as? String)
      #expect(path.hasPrefix(program.state) && FileManager.default.fileExists(atPath: path))
    }
    #expect(try await Tool.output("sha256sum", [folder + "/disk0.raw"]) == before)
    let files = try #require(FileManager.default.enumerator(atPath: program.state + "/boot-checks"))
    let images = files.compactMap { $0 as? String }.filter { $0.hasSuffix(".qcow2") }
    #expect(images == [])
    #expect(try await program.processes() == [])
  }

  @Test func aDiskThatStandsStillHasFailedAndSaysWhy() async throws {
    let program = try Program()
    _ = try await backup("still", saying: "Loading initial ramdisk ...\r\n", in: program)
    let outcome = try await program.run(
      "boot-check", "still", "--for", "qemu", "--prepare", "never", "--timeout", "60", "--json", expecting: 1)
    let proof = try #require(try outcome.json()["proof"] as? [String: Any])
    #expect(proof["verdict"] as? String == "failed")
    #expect((proof["reason"] as? String)?.contains("Loading initial ramdisk") == true)
    let matrix = try await program.run("plan", "still", "--all-targets", "--prepare", "never", "--json").json()
    let rows = try #require(matrix["rows"] as? [[String: Any]])
    let row = try #require(rows.first { $0["platform"] as? String == "qemu" })
    #expect(["possible", "possible-with-warnings"].contains(row["verdict"] as? String))
    #expect((row["bootProof"] as? [String: Any])?["provable"] as? Bool == true)
  }
}
