import ConnectorProtocol
import Foundation
import Testing

@Suite struct DigestTests {
  /// Vectors of FIPS 180-4, from the standard's examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256(_ text: String, _ digest: String) {
    #expect(SHA256.hex(Data(text.utf8)) == digest)
    var parts = SHA256()
    for byte in text.utf8 { parts.update(Data([byte])) }
    let finished = parts.finish()
    #expect(SHA256.hex(finished) == digest)
  }

  @Test func whatMayDifferBetweenAttemptsDoesNotCount() throws {
    let params: JSONValue = ["job": "j", "machine": ["name": "m", "id": "i"], "state": "on"]
    // The digest of {"job":"j","machine":{"id":"i","name":"m"},"state":"on"}, by `sha256sum`.
    let digest = "7cc417af4dd425aeb54c3bc760e7dd02fcbe0e63daa87ea749f4df576d9f4769"
    #expect(try OperationDigest.compute(params: params) == digest)
    var more = try #require(params.objectValue)
    more["op"] = ["id": "x"]
    more["_meta"] = ["deadlineMs": 1]
    more["checkpoint"] = "token"
    #expect(try OperationDigest.compute(params: .object(more)) == digest)
    more["state"] = "off"
    #expect(try OperationDigest.compute(params: .object(more)) != digest)
  }

  /// A disk is offered at another address in each attempt; another content is another operation.
  @Test func whereADiskIsOfferedDoesNotCount() throws {
    func digest(_ source: JSONValue) throws -> String {
      try OperationDigest.compute(params: ["index": 0, "source": source])
    }
    let one = try digest(["kind": "nbd", "location": "nbd+unix:///a", "generation": "g"])
    #expect(try digest(["kind": "nbd", "location": "nbd+unix:///b", "generation": "g"]) == one)
    #expect(try digest(["kind": "nbd", "location": "nbd+unix:///a", "generation": "h"]) != one)
  }
}
