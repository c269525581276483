import ConnectorProtocol
import Foundation
import Testing

@testable import Backups

@Suite struct DigestManifestTests {
  @Test func readsLines() throws {
    let text = "SHA256(vm.ovf)= AB01\r\nSHA1 (disk (1).vmdk) = 00ff\n\n# note\nSHA-512(x)=aa\n"
    #expect(
      try DigestManifest.parse(Array(text.utf8)).lines == [
        .init(algorithm: "sha256", member: "vm.ovf", value: "ab01"),
        .init(algorithm: "sha1", member: "disk (1).vmdk", value: "00ff"),
        .init(algorithm: "sha512", member: "x", value: "aa"),
      ])
  }

  @Test(arguments: ["nonsense", "SHA256(x)", "SHA256(x)=", "SHA256(x)= xyz", "SHA256 x = 00", ")(= 00"])
  func refuses(_ text: String) {
    #expect(throws: DigestManifest.Malformed.self) { try DigestManifest.parse(Array(text.utf8)) }
  }

  @Test func survivesMutations() {
    var random = TestRandom(seed: 5)
    let good = Array("SHA256(vm.ovf)= ab01\nSHA1(disk.vmdk)= 00ff\n".utf8)
    for _ in 0..<500 {
      let lines = (try? DigestManifest.parse(random.mutate(good)))?.lines ?? []
      #expect(lines.allSatisfy { !$0.value.isEmpty })
    }
  }

  /// FIPS 180-4 and its usual test vectors.
  @Test(arguments: [
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
  ]) func sha1(_ text: String, _ expected: String) {
    var hash = SHA1()
    for byte in text.utf8 { withUnsafeBytes(of: byte) { hash.update($0) } }
    #expect(hash.finish().map { String(format: "%02x", Int($0)) }.joined() == expected)
  }

  @Test(arguments: [
    (
      "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
    )
  ]) func sha512(_ text: String, _ expected: String) {
    var hash = SHA512()
    Array(text.utf8).withUnsafeBytes { hash.update($0) }
    #expect(SHA256.hex(hash.finish()) == expected)
  }

  @Test func sha1OfAMillion() {
    var hash = SHA1()
    let block = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    for _ in 0..<1000 { block.withUnsafeBytes { hash.update($0) } }
    #expect(
      hash.finish().map { String(format: "%02x", Int($0)) }.joined() == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
  }
}
