import { CreateDateColumn, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** The columns that most tables have. The code that inserts a row sets its id with `newId()`. */
export abstract class BaseEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;
}
