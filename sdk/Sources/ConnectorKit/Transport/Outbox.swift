import ConnectorProtocol
import Foundation
import Synchronization

/// Makes messages of values and sends them: no secret in a notification or an error, no line beyond the limit.
final class Outbox: Sendable {
  private let writer: LineWriter
  private let redactor: Redactor
  private let logger: ConnectorLogger
  private let limit = Mutex(MessageLimits.defaultMaxMessageBytes)

  init(writer: LineWriter, redactor: Redactor, logger: ConnectorLogger) {
    self.writer = writer
    self.redactor = redactor
    self.logger = logger
  }

  func setLimit(_ bytes: Int) {
    limit.withLock { $0 = bytes }
  }

  // MARK: Answers

  /// Sends a result that is canonical JSON already.
  func answer(_ id: RequestID, result: Data) {
    do {
      var line = Data(#"{"id":"#.utf8)
      line.append(try CanonicalJSON.encode(id))
      line.append(contentsOf: #","jsonrpc":"2.0","result":"#.utf8)
      line.append(result)
      line.append(contentsOf: "}".utf8)
      let longest = limit.withLock { $0 }
      guard line.count <= longest else {
        return answer(
          id,
          error: ConnectorError(
            .messageTooLarge, "The answer would have \(line.count) bytes; a message has at most \(longest).",
            remedy: "Ask for less at once, for example with a smaller page.", outcome: .unknown))
      }
      writer.write(line)
    } catch {
      answer(id, error: ConnectorError(.internalError, "The answer could not be encoded: \(error)"))
    }
  }

  /// `id` is nil where the request could not be read far enough to know it.
  func answer(_ id: RequestID?, error: ConnectorError) {
    var cleaned = redactor.redact(error)
    do {
      var line = try CanonicalJSON.encode(Envelope(id: id, error: cleaned))
      if line.count > limit.withLock({ $0 }) {
        cleaned.message = String(cleaned.message.prefix(2000)) + " …"
        cleaned.details = [:]
        cleaned.diagnostics = []
        cleaned.provider?.message = nil
        line = try CanonicalJSON.encode(Envelope(id: id, error: cleaned))
      }
      writer.write(line)
    } catch {
      logger.error("An error could not be encoded: \(error)")
    }
  }

  // MARK: Notifications

  func send(_ notification: ProgressNotification) {
    var notification = notification
    notification.message = notification.message.map(redactor.redact)
    encode(notification)
  }

  func send(_ notification: DiagnosticNotification) {
    var notification = notification
    notification.diagnostic = redactor.redact(notification.diagnostic)
    encode(notification)
  }

  func send(_ notification: LedgerNotification) { encode(notification) }

  func send(_ notification: CheckpointNotification) { encode(notification) }

  /// Why a checkpoint must not be sent, or nil.
  func fault(ofCheckpoint token: String) -> String? {
    if token.utf8.count > MessageLimits.maxCheckpointBytes {
      return "its token has \(token.utf8.count) bytes, at most \(MessageLimits.maxCheckpointBytes) are allowed"
    }
    return redactor.redact(token) == token ? nil : "its token holds a secret"
  }

  private func encode<Parameters: ConnectorNotification>(_ parameters: Parameters) {
    do {
      let line = try CanonicalJSON.encode(Message(method: Parameters.method, params: parameters))
      guard line.count <= limit.withLock({ $0 }) else {
        return logger.error("A \(Parameters.method) of \(line.count) bytes was not sent: it is too long.")
      }
      writer.write(line)
    } catch {
      logger.error("A \(Parameters.method) could not be encoded: \(error)")
    }
  }

  private struct Message<Parameters: Encodable>: Encodable {
    var jsonrpc = "2.0"
    var method: String
    var params: Parameters
  }
}
