import ConnectorProtocol
import Foundation

/// Whether a configuration works, as far as can be told without secrets: the server answers and its certificate is
/// trusted, or the folder of the OVA files can be written.
struct LiveCheck: Sendable {
  var settings: Settings

  func run() async throws -> [Diagnostic] {
    guard settings.delivery != .ova else { return folder() }
    guard let url = settings.url else { return [] }
    let web = WebClient(base: url, trust: .init(caFile: settings.caFile, thumbprint: settings.thumbprint))
    do {
      let content = try await VimClient.identify(web)
      return [
        Diagnostic(
          severity: .note, code: "server.found", summary: "\(web.server) is \(content.product) \(content.version).")
      ]
    } catch let error as ConnectorError {
      return [
        Diagnostic(
          severity: .blocker, code: "server.unusable", summary: error.message,
          detail: error.details["fingerprint"]?.stringValue.map { "SHA-256 of its certificate: \($0)" },
          at: error.reason == .tlsUntrusted ? "/thumbprint" : "/url", action: error.remedy)
      ]
    }
  }

  private func folder() -> [Diagnostic] {
    guard let path = settings.folder else { return [] }
    guard !FileManager.default.isWritableFile(atPath: path) else { return [] }
    return [
      Diagnostic(
        severity: .blocker, code: "folder.notWritable", summary: "The folder \(path) is not there, or not writable.",
        at: "/folder", action: "Make the folder, or choose another.")
    ]
  }
}
