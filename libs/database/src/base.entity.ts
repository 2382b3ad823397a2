import { CreateDateColumn, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** The columns that most tables have. Whoever inserts makes the id: `newId()`. */
export abstract class BaseEntity {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;
}
