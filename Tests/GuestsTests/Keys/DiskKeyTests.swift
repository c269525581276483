import Foundation
import Support
import Testing

@testable import Guests

@Suite("Keys of encrypted disks")
struct DiskKeyTests {
  @Test("where a key is: a file for any volume or for one, or standard input")
  func references() throws {
    func reference(_ text: String) throws -> DiskKeyReference { try DiskKeyReference(text, relativeTo: "/keys") }
    #expect(try reference("/etc/a.key") == DiskKeyReference(path: "/etc/a.key"))
    #expect(try reference("a.key") == DiskKeyReference(path: "/keys/a.key"))
    #expect(try reference("../a:b.key") == DiskKeyReference(path: "/a:b.key"))
    #expect(try reference("-") == DiskKeyReference(path: "-"))
    #expect(try reference("all:file:a") == DiskKeyReference(path: "/keys/a"))
    #expect(try reference("/dev/sda2:file:a") == DiskKeyReference(volume: "/dev/sda2", path: "/keys/a"))
    #expect(try reference("0b6e-1:file:-") == DiskKeyReference(volume: "0b6e-1", path: "-"))
  }

  @Test("a key itself is not taken where others could read it, and no error repeats it")
  func inTheOpen() throws {
    for text in ["/dev/sda2:key:hunter2", "all:key:hunter2", "key:hunter2"] {
      let error = try #require(throws: AscendError.self) { try DiskKeyReference(text, relativeTo: "/") }
      #expect(error.code == "key.inTheOpen" && !error.description.contains("hunter2"))
    }
    for text in ["", "/dev/sda2:file:", "/dev/sda2:clevis"] {
      #expect(throws: AscendError.self) { try DiskKeyReference(text, relativeTo: "/") }
    }
  }

  private func key(_ bytes: [UInt8]) throws -> DiskKey {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("key")
    try Data(bytes).write(to: file)
    return try DiskKey(DiskKeyReference(path: file.path), input: nil)
  }

  @Test("a file is tried as its first line, as an editor writes it, and as all of its bytes")
  func files() throws {
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    #expect(try key(bytes("secret")).passphrases == [bytes("secret")])
    #expect(try key(bytes("secret\r\n")).passphrases == [bytes("secret"), bytes("secret\r\n")])
    #expect(try key([0xff, 0x0a, 0xfe]).passphrases == [[0xff], [0xff, 0x0a, 0xfe]])
    // Zeros end a text where it is handed over: such a key would be another one.
    #expect(try key(bytes("first\nsecond\u{0}")).passphrases == [bytes("first")])
    for unusable in [[], [0x0a], [1, 0, 2], [UInt8](repeating: 65, count: (64 << 10) + 1)] {
      let error = try #require(throws: AscendError.self) { try key(unusable) }
      #expect(error.code == "key.unusable")
    }
    let missing = DiskKeyReference(path: "/nonexistent/key")
    #expect(throws: AscendError.self) { try DiskKey(missing, input: nil) }
  }

  @Test("standard input is read once, a key a line, and asked for again by a job that has none")
  func standardInput() throws {
    let reference = DiskKeyReference(path: "-")
    nonisolated(unsafe) var reads = 0
    let input = KeyInput { () throws(AscendError) in
      reads += 1
      return Array("one\n\ntwo\n".utf8)
    }
    for _ in 0..<2 {
      #expect(try DiskKey(reference, input: input).passphrases == [Array("one".utf8), Array("two".utf8)])
    }
    #expect(reads == 1)
    let error = try #require(throws: AscendError.self) { try DiskKey(reference, input: nil) }
    #expect(error.code == "key.gone")
  }

  @Test("a key shows nothing of itself")
  func silence() throws {
    let key = try key(Array("hunter2".utf8))
    var dumped = ""
    dump([key], to: &dumped)
    for text in ["\(key)", "\([key])", String(reflecting: key), dumped] {
      #expect(!text.contains("hunter2") && !text.contains("104"))
    }
  }

  @Test("a wrong key is told from other obstacles by what cryptsetup says")
  func refusals() {
    #expect(EncryptedVolumes.isRefusal("status 2: No key available with this passphrase.", "luks"))
    #expect(EncryptedVolumes.isRefusal("cryptsetup exited with status 1: ", "bitlocker"))
    #expect(!EncryptedVolumes.isRefusal("cryptsetup exited with status 1: ", "luks"))
    #expect(!EncryptedVolumes.isRefusal("status 3: Not enough available memory to open a keyslot.", "luks"))
  }

  @Test("crypttab names volumes by their UUIDs or devices; odd names are passed over")
  func crypttab() {
    let entries = Crypttab.entries(
      """
      # target source key options
      sda3_crypt UUID=0B6E-1 none luks,discard
      data /dev/sdb1 /root/key
      quoted UUID="0b6e-2"
      by-uuid /dev/disk/by-uuid/0b6e-3 none
      control UUID=0b6e-4
      ../x UUID=0b6e-5
      lonely
      """)
    #expect(entries.map(\.name) == ["sda3_crypt", "data", "quoted", "by-uuid"])
    #expect(entries[0].means("/dev/sda3", uuid: "0b6e-1") && !entries[0].means("/dev/sda3", uuid: "0b6e-2"))
    #expect(entries[1].means("/dev/sdb1", uuid: nil) && !entries[1].means("/dev/sda1", uuid: "0b6e-1"))
    #expect(entries[2].means("/dev/x", uuid: "0b6e-2") && entries[3].means("/dev/x", uuid: "0B6E-3"))
  }
}
