import ConnectorProtocol
import Foundation
import Testing

/// Example documents are read by the Swift types and written again without loss.
@Suite struct DocumentTests {
  private func again<T: Codable>(_ name: String, _: T.Type) throws -> (JSONValue, JSONValue) {
    let data = try ProtocolFiles.data("v1/examples/documents/\(name).json")
    let value = try JSONDecoder().decode(JSONValue.self, from: data)
    return (value, try JSONValue.encoding(value.decode(T.self)))
  }

  @Test func documentsSurviveTheSwiftTypes() throws {
    for (value, written) in [
      try again("machine", MachineDescription.self), try again("guest-facts", GuestFacts.self),
      try again("mapping", Mapping.self), try again("resource", Resource.self),
      try again("capability", CapabilityDocument.self),
    ] {
      #expect(written == value)
    }
  }

  @Test func aMachineOfAnotherSchemaIsRefused() throws {
    let data = try ProtocolFiles.data("v1/examples/documents/machine.json")
    guard case .object(var members) = try JSONDecoder().decode(JSONValue.self, from: data) else {
      Issue.record("the example is no object")
      return
    }
    members["schema"] = "machine/2"
    #expect(throws: DecodingError.self) { try JSONValue.object(members).decode(MachineDescription.self) }
  }

  /// Every word may be new: nothing of a document is refused for one.
  @Test func unknownWordsAreKept() throws {
    let severity = try JSONValue.string("catastrophe").decode(Diagnostic.Severity.self)
    #expect(severity.rawValue == "catastrophe")
    let error: JSONValue = [
      "code": 1999, "message": "No.",
      "data": ["reason": "newReason", "category": "weather", "outcome": "odd", "retry": ["policy": "tomorrow"]],
    ]
    let decoded = try error.decode(ConnectorError.self)
    #expect(decoded.reason.rawValue == "newReason")
    #expect(decoded.category.rawValue == "weather")
    #expect(!decoded.retryable)
    #expect(decoded.reason.entry == nil)
  }

  @Test func anErrorWithoutDataIsStillRead() throws {
    let error: JSONValue = ["code": -32601, "message": "Method not found"]
    let decoded = try error.decode(ConnectorError.self)
    #expect(decoded.reason == .methodNotFound)
    #expect(decoded.outcome == .unknown)
  }
}
