import ConnectorProtocol
import Support

/// `initialize`: the version of the protocol, and whether the program is the one that `connector.json` describes.
struct Handshake {
  let installation: ConnectorInstallation
  let options: SessionOptions

  func run(on process: SessionProcess) async throws -> Initialize.Result {
    let faults = process.faults
    let request = Initialize(
      protocolVersions: ProtocolVersion.supported, host: options.host,
      limits: Initialize.Limits(maxMessageBytes: options.maxMessageBytes))
    let result: Initialize.Result
    do {
      let deadline = CallDeadline(idle: nil, absolute: options.startupDeadline)
      result = try await process.call(request, deadline: deadline, options: options, connector: installation.id)
    } catch let error as ConnectorError where error.reason == .unsupportedVersion {
      throw faults.unsupportedVersion(Self.versions(error))
    } catch let error as AscendError {
      throw faults.startup(error)
    }
    guard ProtocolVersion.supported.contains(result.protocolVersion) else {
      throw faults.unsupportedVersion(String(result.protocolVersion))
    }
    try check(result, faults)
    return result
  }

  private func check(_ result: Initialize.Result, _ faults: SessionFault) throws(AscendError) {
    let document = installation.document
    guard result.connector.id == document.id else {
      throw faults.mismatch("the program calls itself \(result.connector.id), its connector.json \(document.id)")
    }
    guard result.connector.version == document.version else {
      throw faults.mismatch(
        "the program is of version \(result.connector.version), its connector.json of \(document.version)")
    }
    guard result.document == installation.documentDigest else {
      throw faults.mismatch("the program's own capability document differs from its connector.json")
    }
  }

  private static func versions(_ error: ConnectorError) -> String {
    let numbers = error.details["supported"]?.arrayValue?.compactMap(\.integerValue) ?? []
    return numbers.isEmpty ? error.message : numbers.map(String.init).joined(separator: ", ")
  }
}
